CREATE OR REPLACE FUNCTION journal_cut_in_time() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.counted_from IS NULL OR NEW.before_at > NEW.counted_from - interval '9408 hours' OR NEW.counted_from IS DISTINCT FROM (
        SELECT at FROM journal_calls WHERE account_id IS NOT NULL AND at <= NEW.made_at - interval '168 hours' ORDER BY id DESC LIMIT 1
    ) THEN
        RAISE EXCEPTION 'journal_cut_too_early';
    END IF;
    RETURN NEW;
END $body$;
-- Whatever was drawn by a clock that was wrong for longer, nothing goes of the last 13 months before the call that an account made last.
CREATE OR REPLACE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'journal_calls' THEN
        IF OLD.at < (SELECT max(before_at) FROM journal_cuts WHERE counted_from IS NOT NULL)
            AND OLD.at <= (SELECT at FROM journal_calls WHERE account_id IS NOT NULL ORDER BY id DESC LIMIT 1) - interval '9408 hours'
        THEN
            RETURN OLD;
        END IF;
    END IF;
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'journal_subjects' THEN
        IF EXISTS (
            SELECT 1 FROM journal_calls WHERE id = OLD.call_id
            AND at < (SELECT max(before_at) FROM journal_cuts WHERE counted_from IS NOT NULL)
            AND at <= (SELECT at FROM journal_calls WHERE account_id IS NOT NULL ORDER BY id DESC LIMIT 1) - interval '9408 hours'
        ) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'journal_append_only';
END $body$;
