-- Answers and ends that were recorded wrongly: what was recorded before each was put right.
CREATE TABLE corrections (
    id {uuid} PRIMARY KEY NOT NULL,
    -- An offer, a course or a match.
    subject_id {uuid} NOT NULL,
    person_id {uuid} NOT NULL REFERENCES people,
    -- Sealed under the person.
    former {blob} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL
) {strict};
CREATE INDEX corrections_by_subject ON corrections (subject_id);
-- A course whose acceptance was taken back.
INSERT INTO course_states (code) VALUES ('retracted');
-- Who recorded the answer; of earlier ones the journal alone knows.
ALTER TABLE offers ADD COLUMN answered_by {uuid};
-- A birth date that is corrected to below 15, or a certificate that is taken back or runs out, asks for the mentor's certificate.
INSERT INTO duty_kinds (code) VALUES ('certificate_missing');
