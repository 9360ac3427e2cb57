-- Sessions that come again (RFC 5545), and each of their dates that could not be planned: a gap, never a silent hole.
{vocabulary series_ends match_ended cancelled}
{vocabulary gap_reasons holiday leave consent busy}
{vocabulary gap_states open filled dismissed closed}
{vocabulary tellings for_all by_other}
INSERT INTO message_kinds (code) VALUES ('appointments_changed');
CREATE TABLE series (
    id {uuid} PRIMARY KEY,
    match_id {uuid} NOT NULL REFERENCES matches,
    course_id {uuid} NOT NULL REFERENCES courses,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    -- RFC 5545 without its end: a weekday every week, every second week, or by its number in the month.
    rule {text} NOT NULL,
    -- Local dates: from which its weeks are counted, and the last that there can be.
    from_on {date} NOT NULL,
    until_on {date} NOT NULL,
    -- Minutes after local midnight, of this zone.
    at_min {int} NOT NULL,
    length_min {int} NOT NULL,
    zone {text} NOT NULL,
    kind {text} NOT NULL REFERENCES session_kinds,
    place_code {text},
    -- The series that this one continues with other terms.
    follows_id {uuid} REFERENCES series,
    ended_at {time},
    end_reason {text} REFERENCES series_ends,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX series_by_match ON series (match_id, recorded_at);
CREATE INDEX series_by_recorded ON series (recorded_at);
CREATE TABLE series_gaps (
    id {uuid} PRIMARY KEY,
    series_id {uuid} NOT NULL REFERENCES series,
    -- The date of the series that it stands for.
    occurs_on {date} NOT NULL,
    reason {text} NOT NULL REFERENCES gap_reasons,
    suggested_at {time},
    state {text} NOT NULL REFERENCES gap_states,
    -- The session that fills it.
    session_id {uuid} REFERENCES sessions,
    recorded_at {time} NOT NULL,
    settled_at {time},
    CONSTRAINT series_gaps_series_id_occurs_on_key UNIQUE (series_id, occurs_on)
) {strict};
-- Whose series a session is of, and on which of its dates: kept when it is moved (what iCalendar calls RECURRENCE-ID).
ALTER TABLE sessions ADD COLUMN series_id {uuid} REFERENCES series;
ALTER TABLE sessions ADD COLUMN occurs_on {date};
-- Who tells its latest change, where one verb changed several: null, itself.
ALTER TABLE sessions ADD COLUMN telling {text} REFERENCES tellings;
CREATE INDEX sessions_by_series ON sessions (series_id, occurs_on);
