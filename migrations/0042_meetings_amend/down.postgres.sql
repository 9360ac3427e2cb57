DROP TRIGGER session_changes_no_change ON session_changes;
DELETE FROM session_changes WHERE kind = 'changed';
DELETE FROM session_change_kinds WHERE code = 'changed';
CREATE TRIGGER session_changes_no_change BEFORE UPDATE OR DELETE ON session_changes FOR EACH ROW EXECUTE FUNCTION append_only();
