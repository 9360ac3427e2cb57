-- The night asks again for what an earlier version let be settled by hand without the word that it asks for; what was recorded of that is kept, put right by
-- nobody.
ALTER TABLE corrections RENAME TO former_corrections;
CREATE TABLE corrections (
    id {uuid} PRIMARY KEY NOT NULL,
    kind {text} NOT NULL REFERENCES correction_kinds,
    subject_id {uuid} NOT NULL,
    -- Under whose key it is sealed: the person's, the case's or the concern's.
    holder_id {uuid} NOT NULL,
    former {blob} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid}
) {strict};
INSERT INTO corrections (id, kind, subject_id, holder_id, former, recorded_at, recorded_by)
    SELECT id, kind, subject_id, holder_id, former, recorded_at, recorded_by FROM former_corrections;
DROP TABLE former_corrections;
CREATE INDEX corrections_by_subject ON corrections (subject_id);
CREATE INDEX corrections_by_holder ON corrections (holder_id);
