-- No cut takes anything of the last 13 months (392 days in whole hours), whatever the settings say.
CREATE TRIGGER journal_cuts_no_early BEFORE INSERT ON journal_cuts WHEN NEW.before_at > NEW.made_at - 33868800000000
BEGIN SELECT RAISE(ABORT, 'journal_cut_too_early'); END;
-- What a correction left behind stays as it was.
CREATE TRIGGER session_log_versions_no_update BEFORE UPDATE ON session_log_versions BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER session_log_versions_no_delete BEFORE DELETE ON session_log_versions BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER session_changes_no_update BEFORE UPDATE ON session_changes BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER session_changes_no_delete BEFORE DELETE ON session_changes BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER note_versions_no_update BEFORE UPDATE ON note_versions BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER note_versions_no_delete BEFORE DELETE ON note_versions BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER followup_versions_no_update BEFORE UPDATE ON followup_versions BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER followup_versions_no_delete BEFORE DELETE ON followup_versions BEGIN SELECT RAISE(ABORT, 'append_only'); END;
-- Whoever holds custody again holds it for another time: the former one stays as it was.
ALTER TABLE custody RENAME TO former_custody;
CREATE TABLE custody (
    id {uuid} PRIMARY KEY,
    child_id {uuid} NOT NULL REFERENCES people,
    holder_id {uuid} NOT NULL REFERENCES people,
    from_on {date},
    until_on {date},
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
INSERT INTO custody SELECT id, child_id, holder_id, from_on, until_on, recorded_at, version FROM former_custody;
DROP TABLE former_custody;
CREATE INDEX custody_by_holder ON custody (holder_id);
CREATE INDEX custody_by_child ON custody (child_id);
CREATE UNIQUE INDEX custody_open ON custody (child_id, holder_id) WHERE until_on IS NULL;
