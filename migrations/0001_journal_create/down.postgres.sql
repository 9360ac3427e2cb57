DROP FUNCTION journal_append_only();
