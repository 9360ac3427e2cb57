ALTER TABLE messages DROP COLUMN former_address;
