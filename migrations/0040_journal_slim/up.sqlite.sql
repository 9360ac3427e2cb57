CREATE TRIGGER journal_calls_no_update BEFORE UPDATE ON journal_calls BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
CREATE TRIGGER journal_calls_no_delete BEFORE DELETE ON journal_calls
WHEN OLD.at >= coalesce((SELECT max(before_at) FROM journal_cuts), OLD.at)
BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
CREATE TRIGGER journal_subjects_no_update BEFORE UPDATE ON journal_subjects BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
CREATE TRIGGER journal_subjects_no_delete BEFORE DELETE ON journal_subjects
WHEN NOT EXISTS (SELECT 1 FROM journal_calls WHERE id = OLD.call_id AND at < (SELECT max(before_at) FROM journal_cuts))
BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
