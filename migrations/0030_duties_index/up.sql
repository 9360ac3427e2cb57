-- A query says the state by a parameter, and an index over open promises alone is of no use to such a statement on either engine.
DROP INDEX duties_open;
DROP INDEX duties_open_by_owner;
CREATE INDEX duties_by_due ON duties (state, due_at, id);
CREATE INDEX duties_by_owner ON duties (owner_id, state, due_at);
