-- Whose time a session holds, and from when, stands in the session: what it gives back is found by that.
CREATE TABLE claims_slim (
    session_id {uuid} NOT NULL REFERENCES sessions,
    person {uuid} NOT NULL,
    starts_at {time} NOT NULL,
    ends_at {time} NOT NULL CHECK (ends_at > starts_at AND ends_at - starts_at <= 86400000000),
    PRIMARY KEY (person, starts_at, session_id)
) {strict_keyed};
INSERT INTO claims_slim SELECT session_id, person, starts_at, ends_at FROM claims ORDER BY person, starts_at;
DROP TABLE claims;
ALTER TABLE claims_slim RENAME TO claims;
CREATE TRIGGER claims_overlap_insert BEFORE INSERT ON claims
WHEN EXISTS (SELECT 1 FROM claims c WHERE c.person = NEW.person AND c.starts_at < NEW.ends_at
             AND c.starts_at > NEW.starts_at - 86400000000 AND c.ends_at > NEW.starts_at)
BEGIN SELECT RAISE(ABORT, 'claims_overlap'); END;
CREATE TRIGGER claims_overlap_update BEFORE UPDATE ON claims
WHEN EXISTS (SELECT 1 FROM claims c WHERE c.person = NEW.person AND c.session_id <> OLD.session_id AND c.starts_at < NEW.ends_at
             AND c.starts_at > NEW.starts_at - 86400000000 AND c.ends_at > NEW.starts_at)
BEGIN SELECT RAISE(ABORT, 'claims_overlap'); END;
