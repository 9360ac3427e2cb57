ALTER TABLE duties DROP COLUMN assigned_id;
