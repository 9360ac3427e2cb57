ALTER TABLE sessions DROP COLUMN given_place_code;
ALTER TABLE sessions DROP COLUMN given_kind;
ALTER TABLE sessions DROP COLUMN given_length_min;
ALTER TABLE sessions DROP COLUMN given_at_min;
