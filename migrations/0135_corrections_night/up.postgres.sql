-- What a correction left behind stays as it was.
CREATE TRIGGER corrections_no_change BEFORE UPDATE OR DELETE ON corrections FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER corrections_no_truncate BEFORE TRUNCATE ON corrections FOR EACH STATEMENT EXECUTE FUNCTION append_only();
