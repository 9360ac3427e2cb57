DROP TRIGGER journal_cuts_no_early ON journal_cuts;
DROP FUNCTION journal_cut_in_time();
DROP TRIGGER session_log_versions_no_change ON session_log_versions;
DROP TRIGGER session_log_versions_no_truncate ON session_log_versions;
DROP TRIGGER session_changes_no_change ON session_changes;
DROP TRIGGER session_changes_no_truncate ON session_changes;
DROP TRIGGER note_versions_no_change ON note_versions;
DROP TRIGGER note_versions_no_truncate ON note_versions;
DROP TRIGGER followup_versions_no_change ON followup_versions;
DROP TRIGGER followup_versions_no_truncate ON followup_versions;
DROP FUNCTION append_only();
DELETE FROM custody WHERE EXISTS (
    SELECT 1 FROM custody later WHERE later.child_id = custody.child_id AND later.holder_id = custody.holder_id
        AND (later.recorded_at > custody.recorded_at OR (later.recorded_at = custody.recorded_at AND later.id > custody.id))
);
DROP INDEX custody_open;
DROP INDEX custody_by_child;
ALTER TABLE custody ADD CONSTRAINT custody_child_id_holder_id_key UNIQUE (child_id, holder_id);
