ALTER TABLE courses DROP COLUMN before_death;
ALTER TABLE offers DROP COLUMN before_death;
