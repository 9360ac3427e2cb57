-- Who covers for whoever runs a match, a session at a time; a person may say no, then it is open to decide again.
{vocabulary cover_states standing refused taken_back}
CREATE TABLE covers (
    id {uuid} PRIMARY KEY,
    session_id {uuid} NOT NULL REFERENCES sessions,
    match_id {uuid} NOT NULL REFERENCES matches,
    -- Who covers, and the account that could see it.
    staff_id {uuid} NOT NULL REFERENCES staff,
    account_id {uuid} REFERENCES accounts,
    state {text} NOT NULL REFERENCES cover_states,
    decided_at {time} NOT NULL,
    decided_by {uuid} NOT NULL REFERENCES accounts,
    ended_at {time},
    ended_by {uuid} REFERENCES accounts
) {strict};
CREATE UNIQUE INDEX covers_one_standing ON covers (session_id) WHERE state = 'standing';
CREATE INDEX covers_by_match ON covers (match_id, account_id);
CREATE INDEX covers_by_staff ON covers (staff_id);
-- Who meets the person in the place of whoever runs the match.
ALTER TABLE sessions ADD COLUMN cover_staff_id {uuid} REFERENCES staff;
CREATE INDEX sessions_by_cover ON sessions (cover_staff_id, starts_at) WHERE cover_staff_id IS NOT NULL;
