DROP TRIGGER journal_cuts_no_early;
CREATE TRIGGER journal_cuts_no_early BEFORE INSERT ON journal_cuts
WHEN NEW.counted_from IS NULL OR NEW.before_at > NEW.counted_from - 33868800000000 OR NEW.counted_from IS NOT (
    SELECT at FROM journal_calls WHERE account_id IS NOT NULL AND at <= NEW.made_at - 604800000000 ORDER BY id DESC LIMIT 1
)
BEGIN SELECT RAISE(ABORT, 'journal_cut_too_early'); END;
-- Whatever was drawn by a clock that was wrong for longer, nothing goes of the last 13 months before the call that an account made last.
DROP TRIGGER journal_calls_no_delete;
CREATE TRIGGER journal_calls_no_delete BEFORE DELETE ON journal_calls
WHEN (
    OLD.at < (SELECT max(before_at) FROM journal_cuts WHERE counted_from IS NOT NULL)
    AND OLD.at <= (SELECT at FROM journal_calls WHERE account_id IS NOT NULL ORDER BY id DESC LIMIT 1) - 33868800000000
) IS NOT TRUE
BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
DROP TRIGGER journal_subjects_no_delete;
CREATE TRIGGER journal_subjects_no_delete BEFORE DELETE ON journal_subjects
WHEN NOT EXISTS (
    SELECT 1 FROM journal_calls WHERE id = OLD.call_id
    AND at < (SELECT max(before_at) FROM journal_cuts WHERE counted_from IS NOT NULL)
    AND at <= (SELECT at FROM journal_calls WHERE account_id IS NOT NULL ORDER BY id DESC LIMIT 1) - 33868800000000
)
BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
