DROP VIEW journal;
INSERT INTO journal_subjects SELECT id, subject_kind, subject_id, act FROM journal_subjects JOIN journal_calls ON subjects_of = call_id WHERE id <> call_id;
