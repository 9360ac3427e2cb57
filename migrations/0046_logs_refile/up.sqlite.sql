DROP TRIGGER session_log_versions_no_update;
UPDATE session_log_versions SET person_id = (SELECT person_id FROM session_logs WHERE session_logs.id = log_id);
CREATE TRIGGER session_log_versions_no_update BEFORE UPDATE ON session_log_versions BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER referral_corrections_no_update BEFORE UPDATE ON referral_corrections BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER referral_corrections_no_delete BEFORE DELETE ON referral_corrections BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER retracted_receipts_no_update BEFORE UPDATE ON retracted_receipts BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER retracted_receipts_no_delete BEFORE DELETE ON retracted_receipts BEGIN SELECT RAISE(ABORT, 'append_only'); END;
