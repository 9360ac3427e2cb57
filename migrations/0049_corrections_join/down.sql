-- A closing that was taken back, and what was found and put right, had no place before: it goes.
ALTER TABLE corrections RENAME TO joined_corrections;
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
INSERT INTO corrections (id, subject_id, person_id, former, recorded_at, recorded_by)
    SELECT id, subject_id, holder_id, former, recorded_at, recorded_by FROM joined_corrections
    WHERE kind IN ('answer', 'course_end', 'match_end');
CREATE TABLE referral_corrections (
    id {uuid} PRIMARY KEY NOT NULL,
    case_id {uuid} NOT NULL REFERENCES cases,
    -- Sealed under the case.
    former {blob} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL
) {strict};
INSERT INTO referral_corrections (id, case_id, former, recorded_at, recorded_by)
    SELECT id, subject_id, former, recorded_at, recorded_by FROM joined_corrections WHERE kind = 'referral';
DROP TABLE joined_corrections;
DROP TABLE correction_kinds;
CREATE INDEX corrections_by_subject ON corrections (subject_id);
CREATE INDEX referral_corrections_by_case ON referral_corrections (case_id);
