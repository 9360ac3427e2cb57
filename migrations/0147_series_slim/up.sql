-- An index of messages needs no id at its end: those of one moment are few, and sorted when they are asked for. What is planned a year ahead goes in
-- other weeks than its neighbours, so each entry that is shorter is a page less to write.
DROP INDEX messages_open;
DROP INDEX messages_settled;
CREATE INDEX messages_open ON messages (not_before_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX messages_settled ON messages (state, not_before_at) WHERE next_try_at IS NULL;
