-- A later offer overtakes a stop that does not last, so that there may be another one after it.
ALTER TABLE contact_stops DROP CONSTRAINT contact_stops_case_id_person_id_track_key;
CREATE INDEX contact_stops_by_case ON contact_stops (case_id, person_id);
