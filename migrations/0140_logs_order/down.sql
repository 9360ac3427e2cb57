DROP INDEX session_logs_changed;
