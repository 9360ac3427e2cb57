-- What a correction left behind stays as it was.
CREATE TRIGGER file_corrections_no_update BEFORE UPDATE ON file_corrections BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER file_corrections_no_delete BEFORE DELETE ON file_corrections BEGIN SELECT RAISE(ABORT, 'append_only'); END;
