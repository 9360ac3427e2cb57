-- One-tap answers of the people met (domain sections 6 and 8): who said yes to links, which links went out, what was answered.
{vocabulary link_answers confirm cancel ask_to_move}
{vocabulary answer_outcomes cancelled moved kept logged}
INSERT INTO message_kinds (code) VALUES ('appointment_answered');
-- Each yes or no is a fact of its own; the latest of whoever gets the reminders today counts.
CREATE TABLE link_choices (
    id {uuid} PRIMARY KEY,
    -- Whose appointments, and who chose: the person, or the custody holder who gets the child's reminders.
    person_id {uuid} NOT NULL REFERENCES people,
    chooser_id {uuid} NOT NULL REFERENCES people,
    wants_links {bool} NOT NULL,
    happened_at {time} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL REFERENCES accounts
) {strict};
CREATE INDEX link_choices_by_person ON link_choices (person_id, happened_at, id);
-- Links that went out, one a message; of the token there is only the hash.
CREATE TABLE session_links (
    hash {blob} PRIMARY KEY NOT NULL,
    message_id {uuid} NOT NULL UNIQUE REFERENCES messages,
    session_id {uuid} NOT NULL REFERENCES sessions,
    recipient_id {uuid} NOT NULL REFERENCES people,
    -- The start it was made for: a moved session's link is dead.
    starts_at {time} NOT NULL,
    made_at {time} NOT NULL
) {strict};
CREATE INDEX session_links_by_start ON session_links (starts_at);
CREATE TABLE session_answers (
    id {uuid} PRIMARY KEY,
    session_id {uuid} NOT NULL REFERENCES sessions,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    -- Who answered: the person, or the custody holder.
    recipient_id {uuid} NOT NULL REFERENCES people,
    -- The start it is an answer about.
    starts_at {time} NOT NULL,
    answer {text} NOT NULL REFERENCES link_answers,
    answered_at {time} NOT NULL,
    -- Taken back, or replaced by another answer.
    undone_at {time},
    -- What came of it, once the mentor or coach (or the session itself) settled it.
    outcome {text} REFERENCES answer_outcomes,
    settled_at {time},
    -- Null: nobody's account; it followed from something else.
    settled_by {uuid} REFERENCES accounts
) {strict};
CREATE INDEX session_answers_by_session ON session_answers (session_id, answered_at);
-- One open answer a session.
CREATE UNIQUE INDEX session_answers_one_open ON session_answers (session_id) WHERE undone_at IS NULL AND settled_at IS NULL;
