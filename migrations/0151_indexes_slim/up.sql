-- What is open lies together, apart from all that ever closed: a year of promises is written to few pages.
DROP INDEX duties_by_due;
CREATE INDEX duties_open ON duties (due_at) WHERE closed_at IS NULL;
CREATE INDEX duties_closed ON duties (state, due_at) WHERE closed_at IS NOT NULL;
-- A subject's promises are asked for by their kinds: they are found by their identity.
DROP INDEX duties_by_subject;
-- What is off at a moment is told apart from all that begins then without its row.
DROP INDEX sessions_by_start;
CREATE INDEX sessions_by_start ON sessions (starts_at, state);
