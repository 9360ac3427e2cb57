ALTER TABLE contact_stops RENAME TO former_stops;
CREATE TABLE contact_stops (
    id {uuid} PRIMARY KEY,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    track {text} NOT NULL REFERENCES tracks,
    reason {text} NOT NULL REFERENCES stop_reasons,
    stopped_at {time} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    CONSTRAINT contact_stops_case_id_person_id_track_key UNIQUE (case_id, person_id, track)
) {strict};
INSERT INTO contact_stops SELECT id, case_id, person_id, track, reason, stopped_at, recorded_at, recorded_by FROM former_stops;
DROP TABLE former_stops;
