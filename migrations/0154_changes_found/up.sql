-- What was moved away from a moment is looked for by that moment, whoever was to be met.
CREATE INDEX session_changes_by_start ON session_changes (starts_at);
