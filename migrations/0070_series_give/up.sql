-- What its series gave a session last: what it has otherwise was agreed on by itself, also where the series changed meanwhile and left it.
ALTER TABLE sessions ADD COLUMN given_at_min {int};
ALTER TABLE sessions ADD COLUMN given_length_min {int};
ALTER TABLE sessions ADD COLUMN given_kind {text} REFERENCES session_kinds;
ALTER TABLE sessions ADD COLUMN given_place_code {text};
-- Until now they were compared with the series as it stands.
UPDATE sessions SET
    given_at_min = (SELECT s.at_min FROM series s WHERE s.id = sessions.series_id),
    given_length_min = (SELECT s.length_min FROM series s WHERE s.id = sessions.series_id),
    given_kind = (SELECT s.kind FROM series s WHERE s.id = sessions.series_id),
    given_place_code = (SELECT s.place_code FROM series s WHERE s.id = sessions.series_id)
    WHERE series_id IS NOT NULL;
