DROP INDEX case_reopenings_by_offer;
ALTER TABLE case_reopenings DROP COLUMN offer_id;
