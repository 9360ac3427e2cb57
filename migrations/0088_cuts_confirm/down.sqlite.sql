DROP TRIGGER journal_cuts_no_early;
DROP TRIGGER journal_calls_no_delete;
DROP TRIGGER journal_subjects_no_delete;
ALTER TABLE journal_cuts DROP COLUMN counted_from;
CREATE TRIGGER journal_cuts_no_early BEFORE INSERT ON journal_cuts WHEN NEW.before_at > NEW.made_at - 33868800000000
BEGIN SELECT RAISE(ABORT, 'journal_cut_too_early'); END;
CREATE TRIGGER journal_calls_no_delete BEFORE DELETE ON journal_calls
WHEN OLD.at >= coalesce((SELECT max(before_at) FROM journal_cuts), OLD.at)
BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
CREATE TRIGGER journal_subjects_no_delete BEFORE DELETE ON journal_subjects
WHEN NOT EXISTS (SELECT 1 FROM journal_calls WHERE id = OLD.call_id AND at < (SELECT max(before_at) FROM journal_cuts))
BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
