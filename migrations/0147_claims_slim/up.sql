-- What was sent, or came to its end, is asked for by its moment; those of one moment are sorted when they are.
DROP INDEX messages_settled;
CREATE INDEX messages_settled ON messages (state, not_before_at) WHERE next_try_at IS NULL;
