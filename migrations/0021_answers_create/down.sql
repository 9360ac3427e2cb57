ALTER TABLE matches DROP COLUMN loan_ends_at;
ALTER TABLE matches DROP COLUMN facilitator_id;
DELETE FROM relations WHERE kind = 'reads';
DELETE FROM relation_kinds WHERE code = 'reads';
DROP TABLE repair_talks;
DROP TABLE repair_outcomes;
DROP TABLE interest_checks;
DROP TABLE match_answers;
DROP TABLE match_decline_reasons;
