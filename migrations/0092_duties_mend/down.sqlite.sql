CREATE TABLE duties_by_kind_first (
    id {uuid} PRIMARY KEY,
    kind {text} NOT NULL REFERENCES duty_kinds,
    state {text} NOT NULL REFERENCES duty_states,
    -- The thing that made the promise, and which of its promises of this kind it is: the identity, so that telling twice is telling once.
    subject_kind {text} NOT NULL,
    subject_id {uuid} NOT NULL,
    slot {text_c} NOT NULL,
    enquiry_id {uuid},
    case_id {uuid},
    person_id {uuid},
    match_id {uuid},
    -- An account, or null: the unit.
    owner_id {uuid} REFERENCES accounts,
    -- When the clock started (the fact's happened_at).
    from_at {time} NOT NULL,
    opens_at {time} NOT NULL,
    due_at {time} NOT NULL,
    -- When it was met or ended (stated), and when that was recorded.
    closed_at {time},
    closed_recorded_at {time},
    closed_by {uuid},
    -- Why it ended undone, e.g. case_closed, accepted, corrected; or a reason given for a missed limit.
    reason {text},
    -- Set once, when it was found late and the unit was told.
    late_told_at {time},
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL,
    CONSTRAINT duties_kind_subject_id_slot_key UNIQUE (kind, subject_id, slot)
) {strict};
INSERT INTO duties_by_kind_first SELECT * FROM duties ORDER BY rowid;
DROP TABLE duties;
ALTER TABLE duties_by_kind_first RENAME TO duties;
CREATE INDEX duties_by_case ON duties (case_id, state, due_at, id) WHERE case_id IS NOT NULL;
CREATE INDEX duties_by_person ON duties (person_id, state, due_at, id) WHERE person_id IS NOT NULL;
CREATE INDEX duties_by_match ON duties (match_id, state, due_at, id) WHERE match_id IS NOT NULL;
CREATE INDEX duties_by_enquiry ON duties (enquiry_id, state, due_at, id) WHERE enquiry_id IS NOT NULL;
CREATE INDEX duties_by_subject ON duties (subject_id, state, due_at, id);
CREATE INDEX duties_by_owner ON duties (owner_id, state, due_at, id);
CREATE INDEX duties_by_due ON duties (state, due_at, id);
