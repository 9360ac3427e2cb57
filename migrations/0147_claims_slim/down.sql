DROP INDEX messages_settled;
CREATE INDEX messages_settled ON messages (state, not_before_at, id) WHERE next_try_at IS NULL;
