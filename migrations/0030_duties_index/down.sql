DROP INDEX duties_by_owner;
DROP INDEX duties_by_due;
CREATE INDEX duties_open ON duties (due_at) WHERE state = 'open';
CREATE INDEX duties_open_by_owner ON duties (owner_id, due_at) WHERE state = 'open';
