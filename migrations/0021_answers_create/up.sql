-- Why a side said no, and whether they know each other; interest asked again while a course waits; the talk before somebody else is
-- proposed; loans that end by themselves; who introduces the two.
{vocabulary match_decline_reasons no_time times_do_not_fit too_far knows_them not_a_fit wants_somebody_else other}
CREATE TABLE match_answers (
    match_id {uuid} NOT NULL REFERENCES matches,
    -- Of the member of staff, or of the person.
    by_staff {bool} NOT NULL,
    decline_reason {text} REFERENCES match_decline_reasons,
    -- What the member of staff said to whether they know the person or the family.
    knows_person {bool},
    PRIMARY KEY (match_id, by_staff)
) {strict};
CREATE TABLE interest_checks (
    id {uuid} PRIMARY KEY,
    course_id {uuid} NOT NULL REFERENCES courses,
    still_wanted {bool} NOT NULL,
    asked_at {time} NOT NULL,
    -- Sealed under the person: what was said.
    words {blob} NOT NULL,
    recorded_by {uuid} NOT NULL,
    recorded_at {time} NOT NULL
) {strict};
CREATE INDEX interest_checks_by_course ON interest_checks (course_id, asked_at);
{vocabulary repair_outcomes mended parted not_possible}
CREATE TABLE repair_talks (
    match_id {uuid} PRIMARY KEY REFERENCES matches,
    outcome {text} NOT NULL REFERENCES repair_outcomes,
    held_at {time} NOT NULL,
    -- Sealed under the person: what was said.
    words {blob} NOT NULL,
    recorded_by {uuid} NOT NULL,
    recorded_at {time} NOT NULL
) {strict};
-- What was done of the list that an ended match leaves.
{vocabulary end_steps closing_meeting person_heard staff_heard logs_in things_returned partners_told next_agreed}
CREATE TABLE match_end_steps (
    match_id {uuid} NOT NULL REFERENCES matches,
    step {text_c} NOT NULL REFERENCES end_steps,
    PRIMARY KEY (match_id, step)
) {strict};
INSERT INTO relation_kinds (code) VALUES ('reads');
-- The account of whoever is at the first joint meeting with the two.
ALTER TABLE matches ADD COLUMN facilitator_id {uuid};
-- The last moment of the member of staff's loan from another municipality: a match that runs then ends.
ALTER TABLE matches ADD COLUMN loan_ends_at {time};
