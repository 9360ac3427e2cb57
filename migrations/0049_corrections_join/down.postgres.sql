CREATE TRIGGER corrections_no_change BEFORE UPDATE OR DELETE ON corrections FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER corrections_no_truncate BEFORE TRUNCATE ON corrections FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER referral_corrections_no_change BEFORE UPDATE OR DELETE ON referral_corrections FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER referral_corrections_no_truncate BEFORE TRUNCATE ON referral_corrections FOR EACH STATEMENT EXECUTE FUNCTION append_only();
