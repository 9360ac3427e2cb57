CREATE TABLE claims_by_session (
    session_id {uuid} NOT NULL REFERENCES sessions,
    person {uuid} NOT NULL,
    starts_at {time} NOT NULL,
    ends_at {time} NOT NULL CHECK (ends_at > starts_at AND ends_at - starts_at <= 86400000000),
    PRIMARY KEY (session_id, person)
) {strict};
INSERT INTO claims_by_session SELECT session_id, person, starts_at, ends_at FROM claims;
DROP TABLE claims;
ALTER TABLE claims_by_session RENAME TO claims;
CREATE INDEX claims_by_person ON claims (person, starts_at);
CREATE TRIGGER claims_overlap_insert BEFORE INSERT ON claims
WHEN EXISTS (SELECT 1 FROM claims c WHERE c.person = NEW.person AND c.starts_at < NEW.ends_at
             AND c.starts_at > NEW.starts_at - 86400000000 AND c.ends_at > NEW.starts_at)
BEGIN SELECT RAISE(ABORT, 'claims_overlap'); END;
CREATE TRIGGER claims_overlap_update BEFORE UPDATE ON claims
WHEN EXISTS (SELECT 1 FROM claims c WHERE c.person = NEW.person AND c.session_id <> OLD.session_id AND c.starts_at < NEW.ends_at
             AND c.starts_at > NEW.starts_at - 86400000000 AND c.ends_at > NEW.starts_at)
BEGIN SELECT RAISE(ABORT, 'claims_overlap'); END;
