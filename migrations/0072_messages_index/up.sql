-- A year of reminders is planned at once, each on a page of its own of every index that goes by time: one of what is open serves whoever sends and
-- whoever looks what waits, one of what is settled is written when a message is.
DROP INDEX messages_due;
DROP INDEX messages_by_state;
CREATE INDEX messages_open ON messages (not_before_at, id) WHERE next_try_at IS NOT NULL;
CREATE INDEX messages_settled ON messages (state, not_before_at, id) WHERE next_try_at IS NULL;
