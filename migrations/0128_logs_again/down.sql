ALTER TABLE session_logs DROP COLUMN next_planned_at;
