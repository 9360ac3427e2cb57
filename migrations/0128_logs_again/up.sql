-- When a log that was sent again, just as it was, planned the next appointment that had been in the way before: a version says when it came in, this does
-- not. So it is known that nothing but the log planned it.
ALTER TABLE session_logs ADD COLUMN next_planned_at {time};
