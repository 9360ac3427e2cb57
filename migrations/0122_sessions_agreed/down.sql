ALTER TABLE sessions DROP COLUMN agreed_at;
