ALTER TABLE session_logs DROP COLUMN left_session_id;
