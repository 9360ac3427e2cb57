ALTER TABLE duties DROP CONSTRAINT duties_kind_subject_id_slot_key;
ALTER TABLE duties ADD CONSTRAINT duties_subject_id_kind_slot_key UNIQUE (subject_id, kind, slot);
CREATE INDEX duties_by_due ON duties (state, due_at);
CREATE INDEX duties_by_case ON duties (case_id, state, due_at) WHERE case_id IS NOT NULL;
CREATE INDEX duties_by_person ON duties (person_id, state, due_at) WHERE person_id IS NOT NULL;
CREATE INDEX duties_by_match ON duties (match_id, state, due_at) WHERE match_id IS NOT NULL;
CREATE INDEX duties_by_enquiry ON duties (enquiry_id, state, due_at) WHERE enquiry_id IS NOT NULL;
CREATE INDEX duties_by_owner ON duties (owner_id, state, due_at);
