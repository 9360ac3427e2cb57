-- Since when whoever gets a young person's messages goes by the birth date as it is: where that was put right, what another agreed on or was told before is
-- no word to them. NULL: it was never put right so, or before this was kept.
ALTER TABLE people ADD COLUMN reader_aged_at {time};
