ALTER TABLE duties DROP CONSTRAINT duties_subject_id_kind_slot_key;
ALTER TABLE duties ADD CONSTRAINT duties_kind_subject_id_slot_key UNIQUE (kind, subject_id, slot);
CREATE INDEX duties_by_case ON duties (case_id, state, due_at, id) WHERE case_id IS NOT NULL;
CREATE INDEX duties_by_person ON duties (person_id, state, due_at, id) WHERE person_id IS NOT NULL;
CREATE INDEX duties_by_match ON duties (match_id, state, due_at, id) WHERE match_id IS NOT NULL;
CREATE INDEX duties_by_enquiry ON duties (enquiry_id, state, due_at, id) WHERE enquiry_id IS NOT NULL;
CREATE INDEX duties_by_subject ON duties (subject_id, state, due_at, id);
CREATE INDEX duties_by_owner ON duties (owner_id, state, due_at, id);
CREATE INDEX duties_by_due ON duties (state, due_at, id);
