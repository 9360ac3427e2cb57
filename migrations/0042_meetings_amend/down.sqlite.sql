DROP TRIGGER session_changes_no_delete;
DELETE FROM session_changes WHERE kind = 'changed';
DELETE FROM session_change_kinds WHERE code = 'changed';
CREATE TRIGGER session_changes_no_delete BEFORE DELETE ON session_changes BEGIN SELECT RAISE(ABORT, 'append_only'); END;
