-- Time is held here, one row for each participant while a session is proposed or planned.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE claims (
    session_id {uuid} NOT NULL REFERENCES sessions,
    person {uuid} NOT NULL,
    starts_at {time} NOT NULL,
    ends_at {time} NOT NULL CHECK (ends_at > starts_at AND ends_at - starts_at <= interval '24 hours'),
    PRIMARY KEY (session_id, person),
    CONSTRAINT claims_overlap EXCLUDE USING gist (person WITH =, tstzrange(starts_at, ends_at) WITH &&)
);
CREATE INDEX claims_by_person ON claims (person, starts_at);
