-- Open promises of somebody are looked for with their state and in order of their time: an index that ends at whose they are loses against
-- that of all that are open.
DROP INDEX duties_by_case;
DROP INDEX duties_by_person;
DROP INDEX duties_by_subject;
DROP INDEX duties_by_owner;
CREATE INDEX duties_by_case ON duties (case_id, state, due_at, id) WHERE case_id IS NOT NULL;
CREATE INDEX duties_by_person ON duties (person_id, state, due_at, id) WHERE person_id IS NOT NULL;
CREATE INDEX duties_by_match ON duties (match_id, state, due_at, id) WHERE match_id IS NOT NULL;
CREATE INDEX duties_by_enquiry ON duties (enquiry_id, state, due_at, id) WHERE enquiry_id IS NOT NULL;
CREATE INDEX duties_by_subject ON duties (subject_id, state, due_at, id);
CREATE INDEX duties_by_owner ON duties (owner_id, state, due_at, id);
-- A bar on a person hides the enquiries of their cases.
CREATE INDEX enquiries_by_case ON enquiries (case_id) WHERE case_id IS NOT NULL;
