ALTER TABLE people DROP COLUMN reader_aged_at;
