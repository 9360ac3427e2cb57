DROP TABLE retracted_receipts;
ALTER TABLE cases DROP COLUMN police_statement_at;
DROP TABLE referral_corrections;
ALTER TABLE session_log_versions DROP COLUMN person_id;
