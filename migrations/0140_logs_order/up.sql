-- When a log was written down never goes back, whatever a clock does: each write looks at the latest. Whoever keeps a copy asks for what came after it.
CREATE INDEX session_logs_changed ON session_logs (changed_at);
