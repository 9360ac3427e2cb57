DROP INDEX messages_settled;
DROP INDEX messages_open;
CREATE INDEX messages_by_state ON messages (state, not_before_at, id);
CREATE INDEX messages_due ON messages (next_try_at, id) WHERE next_try_at IS NOT NULL;
