ALTER TABLE case_people DROP COLUMN left_reason;
DROP TABLE case_leave_reasons;
