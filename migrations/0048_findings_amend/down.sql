UPDATE cases SET state = 'closed', close_reason = 'no_longer_relevant' WHERE state = 'retracted';
DELETE FROM case_states WHERE code = 'retracted';
DELETE FROM decisions WHERE retracted_at IS NOT NULL;
ALTER TABLE decisions DROP COLUMN retracted_by;
ALTER TABLE decisions DROP COLUMN retracted_at;
