ALTER TABLE cases DROP COLUMN referral_severity;
DROP TABLE case_reopenings;
