ALTER TABLE relations DROP COLUMN role;
