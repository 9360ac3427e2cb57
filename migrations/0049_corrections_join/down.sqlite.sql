CREATE TRIGGER corrections_no_update BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER corrections_no_delete BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER referral_corrections_no_update BEFORE UPDATE ON referral_corrections BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER referral_corrections_no_delete BEFORE DELETE ON referral_corrections BEGIN SELECT RAISE(ABORT, 'append_only'); END;
