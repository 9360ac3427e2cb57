DROP TRIGGER followup_versions_no_delete;
DELETE FROM followup_versions WHERE followup_id IN (SELECT id FROM followups WHERE retracted_at IS NOT NULL);
CREATE TRIGGER followup_versions_no_delete BEFORE DELETE ON followup_versions BEGIN SELECT RAISE(ABORT, 'append_only'); END;
DELETE FROM followups WHERE retracted_at IS NOT NULL;
ALTER TABLE followups DROP COLUMN retracted_by;
ALTER TABLE followups DROP COLUMN retracted_at;
