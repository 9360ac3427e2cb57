ALTER TABLE series_gaps DROP COLUMN proof_until_on;
UPDATE series_gaps SET reason = 'consent' WHERE reason = 'certificate';
DELETE FROM gap_reasons WHERE code = 'certificate';
