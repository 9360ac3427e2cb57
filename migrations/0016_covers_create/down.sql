DROP INDEX sessions_by_cover;
ALTER TABLE sessions DROP COLUMN cover_staff_id;
DROP TABLE covers;
DROP TABLE cover_states;
