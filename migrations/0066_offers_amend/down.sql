UPDATE offers SET decline_reason = 'other' WHERE decline_reason = 'custody_holder_refused';
DELETE FROM decline_reasons WHERE code = 'custody_holder_refused';
DROP INDEX case_reopenings_by_offer;
ALTER TABLE case_reopenings DROP COLUMN offer_id;
