DROP TRIGGER followup_versions_no_change ON followup_versions;
DELETE FROM followup_versions WHERE followup_id IN (SELECT id FROM followups WHERE retracted_at IS NOT NULL);
CREATE TRIGGER followup_versions_no_change BEFORE UPDATE OR DELETE ON followup_versions FOR EACH ROW EXECUTE FUNCTION append_only();
DELETE FROM followups WHERE retracted_at IS NOT NULL;
ALTER TABLE followups DROP COLUMN retracted_by;
ALTER TABLE followups DROP COLUMN retracted_at;
