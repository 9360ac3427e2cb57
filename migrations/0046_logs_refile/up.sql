-- A log that was filed under the wrong match is another person's from then on; what it said before stays sealed under whom it was filed under.
ALTER TABLE session_log_versions ADD COLUMN person_id {uuid};
-- A referral that was recorded wrongly: what was recorded before each correction.
CREATE TABLE referral_corrections (
    id {uuid} PRIMARY KEY NOT NULL,
    case_id {uuid} NOT NULL REFERENCES cases,
    -- Sealed under the case.
    former {blob} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL
) {strict};
CREATE INDEX referral_corrections_by_case ON referral_corrections (case_id);
-- The police's statement that an offer is suitable: taken over from the concern, or told when a case turns out to be about somebody radicalised.
ALTER TABLE cases ADD COLUMN police_statement_at {time};
UPDATE cases SET police_statement_at = (SELECT police_statement_at FROM enquiries WHERE enquiries.id = cases.enquiry_id);
-- A receipt that was recorded for the wrong reporter, or never given.
CREATE TABLE retracted_receipts (
    id {uuid} PRIMARY KEY NOT NULL,
    enquiry_id {uuid} NOT NULL REFERENCES enquiries,
    reporter_id {uuid} NOT NULL REFERENCES reporters,
    receipt_at {time} NOT NULL,
    receipt_how {text} REFERENCES receipt_ways,
    receipt_recorded_at {time},
    receipt_by {uuid},
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL
) {strict};
CREATE INDEX retracted_receipts_by_enquiry ON retracted_receipts (enquiry_id);
