ALTER TABLE journal_cuts DROP COLUMN counted_from;
CREATE OR REPLACE FUNCTION journal_cut_in_time() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.before_at > NEW.made_at - interval '9408 hours' THEN
        RAISE EXCEPTION 'journal_cut_too_early';
    END IF;
    RETURN NEW;
END $body$;
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
