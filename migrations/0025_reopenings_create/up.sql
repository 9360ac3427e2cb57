-- A closed case that runs again because an offer of it was accepted: what its closing was, and since when it is open again (domain section 4).
CREATE TABLE case_reopenings (
    id {uuid} PRIMARY KEY NOT NULL,
    case_id {uuid} NOT NULL REFERENCES cases,
    closed_at {time} NOT NULL,
    close_reason {text} NOT NULL REFERENCES close_reasons,
    reopened_at {time} NOT NULL,
    recorded_at {time} NOT NULL
) {strict};
CREATE INDEX case_reopenings_by_case ON case_reopenings (case_id);
-- The severity that the referral was judged by: what it becomes later moves nothing that was met or missed.
ALTER TABLE cases ADD COLUMN referral_severity {text} REFERENCES severities;
UPDATE cases SET referral_severity = severity WHERE referred_at IS NOT NULL;
