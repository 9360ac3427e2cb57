-- What was recorded before it was put right, in one table, by what was put right of which thing.
{vocabulary correction_kinds answer course_end match_end referral closing finding}
ALTER TABLE corrections RENAME TO former_corrections;
CREATE TABLE corrections (
    id {uuid} PRIMARY KEY NOT NULL,
    kind {text} NOT NULL REFERENCES correction_kinds,
    -- An offer, a course, a match, a case or a concern, or a question, a home visit or a decision in one.
    subject_id {uuid} NOT NULL,
    -- Under whose key it is sealed: the person's, the case's or the concern's.
    holder_id {uuid} NOT NULL,
    former {blob} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL
) {strict};
INSERT INTO corrections (id, kind, subject_id, holder_id, former, recorded_at, recorded_by)
    SELECT id, CASE
            WHEN subject_id IN (SELECT id FROM offers) THEN 'answer'
            WHEN subject_id IN (SELECT id FROM courses) THEN 'course_end'
            ELSE 'match_end'
        END, subject_id, person_id, former, recorded_at, recorded_by
    FROM former_corrections;
INSERT INTO corrections (id, kind, subject_id, holder_id, former, recorded_at, recorded_by)
    SELECT id, 'referral', case_id, case_id, former, recorded_at, recorded_by FROM referral_corrections;
DROP TABLE former_corrections;
DROP TABLE referral_corrections;
CREATE INDEX corrections_by_subject ON corrections (subject_id);
CREATE INDEX corrections_by_holder ON corrections (holder_id);
