DROP TRIGGER journal_cuts_no_early;
DROP TRIGGER session_log_versions_no_update;
DROP TRIGGER session_log_versions_no_delete;
DROP TRIGGER session_changes_no_update;
DROP TRIGGER session_changes_no_delete;
DROP TRIGGER note_versions_no_update;
DROP TRIGGER note_versions_no_delete;
DROP TRIGGER followup_versions_no_update;
DROP TRIGGER followup_versions_no_delete;
DELETE FROM custody WHERE EXISTS (
    SELECT 1 FROM custody later WHERE later.child_id = custody.child_id AND later.holder_id = custody.holder_id
        AND (later.recorded_at > custody.recorded_at OR (later.recorded_at = custody.recorded_at AND later.id > custody.id))
);
DROP INDEX custody_open;
DROP INDEX custody_by_child;
DROP INDEX custody_by_holder;
ALTER TABLE custody RENAME TO former_custody;
CREATE TABLE custody (
    id {uuid} PRIMARY KEY,
    child_id {uuid} NOT NULL REFERENCES people,
    holder_id {uuid} NOT NULL REFERENCES people,
    from_on {date},
    until_on {date},
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL,
    CONSTRAINT custody_child_id_holder_id_key UNIQUE (child_id, holder_id)
) {strict};
INSERT INTO custody SELECT id, child_id, holder_id, from_on, until_on, recorded_at, version FROM former_custody;
DROP TABLE former_custody;
CREATE INDEX custody_by_holder ON custody (holder_id);
