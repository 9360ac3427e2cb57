DELETE FROM duties WHERE kind IN ('proposal', 'ask_interest');
DELETE FROM duty_kinds WHERE code IN ('proposal', 'ask_interest');
ALTER TABLE matching_runs DROP COLUMN needs;
ALTER TABLE matches DROP COLUMN taken_over_from;
