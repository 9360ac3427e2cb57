DROP TRIGGER session_log_versions_no_change ON session_log_versions;
UPDATE session_log_versions SET person_id = (SELECT person_id FROM session_logs WHERE session_logs.id = log_id);
CREATE TRIGGER session_log_versions_no_change BEFORE UPDATE OR DELETE ON session_log_versions FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER referral_corrections_no_change BEFORE UPDATE OR DELETE ON referral_corrections FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER referral_corrections_no_truncate BEFORE TRUNCATE ON referral_corrections FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER retracted_receipts_no_change BEFORE UPDATE OR DELETE ON retracted_receipts FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER retracted_receipts_no_truncate BEFORE TRUNCATE ON retracted_receipts FOR EACH STATEMENT EXECUTE FUNCTION append_only();
