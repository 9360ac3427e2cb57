ALTER TABLE alerts DROP COLUMN resolved_recorded_at;
ALTER TABLE people DROP COLUMN death_recorded_at;
