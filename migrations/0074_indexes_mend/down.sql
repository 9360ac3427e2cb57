CREATE INDEX sessions_by_course ON sessions (course_id, starts_at);
CREATE INDEX messages_by_time ON messages (not_before_at, id);
