-- What a correction left behind stays as it was.
CREATE TRIGGER file_corrections_no_change BEFORE UPDATE OR DELETE ON file_corrections FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER file_corrections_no_truncate BEFORE TRUNCATE ON file_corrections FOR EACH STATEMENT EXECUTE FUNCTION append_only();
