DROP INDEX sessions_by_start;
CREATE INDEX sessions_by_start ON sessions (starts_at);
CREATE INDEX duties_by_subject ON duties (subject_id, state, due_at);
DROP INDEX duties_closed;
DROP INDEX duties_open;
CREATE INDEX duties_by_due ON duties (state, due_at);
