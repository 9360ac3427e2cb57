ALTER TABLE session_log_versions DROP COLUMN sent_revision;
ALTER TABLE session_logs DROP COLUMN sent_revision;
