ALTER TABLE people DROP COLUMN recipient_replaced_at;
