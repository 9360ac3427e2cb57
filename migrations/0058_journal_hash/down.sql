ALTER TABLE journal_calls DROP COLUMN subjects_hash;
