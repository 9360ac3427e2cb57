-- A query says the state by a parameter, and an index over open promises alone is of no use to such a statement on either engine.
DROP INDEX duties_open;
DROP INDEX duties_open_by_owner;
CREATE INDEX duties_by_due ON duties (state, due_at, id);
CREATE INDEX duties_by_owner ON duties (owner_id, state, due_at);
-- What was looked for and read the whole of a table that grows.
CREATE INDEX relations_by_cause ON relations (cause_id);
CREATE INDEX people_by_recipient ON people (recipient_id) WHERE recipient_id IS NOT NULL;
CREATE INDEX people_by_birth ON people (born_on);
CREATE INDEX messages_by_state ON messages (state, not_before_at, id);
CREATE INDEX messages_by_time ON messages (not_before_at, id);
CREATE INDEX messages_by_person ON messages (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX reporters_by_agency ON reporters (agency_id) WHERE agency_id IS NOT NULL;
CREATE INDEX decisions_by_time ON decisions (decided_at, id);
CREATE INDEX courses_by_person ON courses (person_id);
CREATE INDEX offers_by_person ON offers (person_id, track);
CREATE INDEX consents_by_giver ON consents (giver_id);
CREATE INDEX matches_by_person ON matches (person_id);
CREATE INDEX matches_by_expiry ON matches (state, expires_at, id);
CREATE INDEX matches_by_loan ON matches (state, loan_ends_at, id);
