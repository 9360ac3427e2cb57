-- A call's number is taken before its row is made, so that its subjects' rows know it.
CREATE SEQUENCE journal_call_numbers OWNED BY journal_calls.id;
SELECT setval('journal_call_numbers', (SELECT coalesce(max(id), 0) + 1 FROM journal_calls), false);
CREATE OR REPLACE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'journal_calls' THEN
        IF OLD.at < (SELECT max(before_at) FROM journal_cuts) THEN
            RETURN OLD;
        END IF;
    END IF;
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'journal_subjects' THEN
        IF EXISTS (SELECT 1 FROM journal_calls WHERE id = OLD.call_id AND at < (SELECT max(before_at) FROM journal_cuts)) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'journal_append_only';
END $body$;
CREATE TRIGGER journal_calls_no_change BEFORE UPDATE OR DELETE ON journal_calls FOR EACH ROW EXECUTE FUNCTION journal_append_only();
CREATE TRIGGER journal_calls_no_truncate BEFORE TRUNCATE ON journal_calls FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only();
CREATE TRIGGER journal_subjects_no_change BEFORE UPDATE OR DELETE ON journal_subjects FOR EACH ROW EXECUTE FUNCTION journal_append_only();
CREATE TRIGGER journal_subjects_no_truncate BEFORE TRUNCATE ON journal_subjects FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only();
