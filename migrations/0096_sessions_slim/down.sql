CREATE INDEX sessions_by_series ON sessions (series_id, occurs_on);
CREATE INDEX sessions_by_case ON sessions (case_id, starts_at);
