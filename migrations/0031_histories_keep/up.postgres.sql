-- No cut takes anything of the last 13 months (392 days in whole hours), whatever the settings say.
CREATE FUNCTION journal_cut_in_time() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.before_at > NEW.made_at - interval '9408 hours' THEN
        RAISE EXCEPTION 'journal_cut_too_early';
    END IF;
    RETURN NEW;
END $body$;
CREATE TRIGGER journal_cuts_no_early BEFORE INSERT ON journal_cuts FOR EACH ROW EXECUTE FUNCTION journal_cut_in_time();
-- What a correction left behind stays as it was.
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'append_only';
END $body$;
CREATE TRIGGER session_log_versions_no_change BEFORE UPDATE OR DELETE ON session_log_versions FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER session_log_versions_no_truncate BEFORE TRUNCATE ON session_log_versions FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER session_changes_no_change BEFORE UPDATE OR DELETE ON session_changes FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER session_changes_no_truncate BEFORE TRUNCATE ON session_changes FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER note_versions_no_change BEFORE UPDATE OR DELETE ON note_versions FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER note_versions_no_truncate BEFORE TRUNCATE ON note_versions FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER followup_versions_no_change BEFORE UPDATE OR DELETE ON followup_versions FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER followup_versions_no_truncate BEFORE TRUNCATE ON followup_versions FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- Whoever holds custody again holds it for another time: the former one stays as it was.
ALTER TABLE custody DROP CONSTRAINT custody_child_id_holder_id_key;
CREATE INDEX custody_by_child ON custody (child_id);
CREATE UNIQUE INDEX custody_open ON custody (child_id, holder_id) WHERE until_on IS NULL;
