-- What was forgotten does not come back.
ALTER TABLE messages DROP COLUMN address_hash;
