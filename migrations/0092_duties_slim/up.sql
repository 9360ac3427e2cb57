-- An index of promises needs no id at its end: those due at one moment are few, and sorted when they are asked for. What is planned a year ahead is
-- due in other weeks than its neighbours, so each entry that is shorter is a page less to write.
DROP INDEX duties_by_due;
DROP INDEX duties_by_case;
DROP INDEX duties_by_person;
DROP INDEX duties_by_match;
DROP INDEX duties_by_enquiry;
DROP INDEX duties_by_subject;
DROP INDEX duties_by_owner;
CREATE INDEX duties_by_due ON duties (state, due_at);
CREATE INDEX duties_by_case ON duties (case_id, state, due_at) WHERE case_id IS NOT NULL;
CREATE INDEX duties_by_person ON duties (person_id, state, due_at) WHERE person_id IS NOT NULL;
CREATE INDEX duties_by_match ON duties (match_id, state, due_at) WHERE match_id IS NOT NULL;
CREATE INDEX duties_by_enquiry ON duties (enquiry_id, state, due_at) WHERE enquiry_id IS NOT NULL;
CREATE INDEX duties_by_subject ON duties (subject_id, state, due_at);
CREATE INDEX duties_by_owner ON duties (owner_id, state, due_at);
