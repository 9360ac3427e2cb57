DROP INDEX devices_by_push_hash;
ALTER TABLE devices DROP COLUMN push_hash;
ALTER TABLE session_logs DROP COLUMN held_at;
