ALTER TABLE courses DROP COLUMN started_recorded_at;
ALTER TABLE matches DROP COLUMN starts_recorded_at;
