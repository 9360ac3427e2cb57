ALTER TABLE session_log_versions DROP COLUMN welfare_report;
ALTER TABLE session_log_versions DROP COLUMN wants_supervision;
