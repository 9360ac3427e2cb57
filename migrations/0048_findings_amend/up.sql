-- How soon a concern had to be looked at, what was answered and found, and what was concluded: what was recorded before it was put right.
CREATE TABLE file_corrections (
    id {uuid} PRIMARY KEY NOT NULL,
    -- Of which concern, or of which case.
    enquiry_id {uuid} REFERENCES enquiries,
    case_id {uuid} REFERENCES cases,
    -- The concern itself, the question, the home visit, or the decision that was taken back.
    subject_id {uuid} NOT NULL,
    -- Sealed under the concern, or the case.
    former {blob} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL
) {strict};
CREATE INDEX file_corrections_by_enquiry ON file_corrections (enquiry_id);
CREATE INDEX file_corrections_by_case ON file_corrections (case_id);
-- A conclusion that was drawn by mistake is taken back, and the case that it opened never was.
ALTER TABLE decisions ADD COLUMN retracted_at {time};
ALTER TABLE decisions ADD COLUMN retracted_by {uuid};
INSERT INTO case_states (code) VALUES ('retracted');
