DROP INDEX session_changes_by_start;
