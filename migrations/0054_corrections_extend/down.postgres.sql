-- What was put right of these had no place before: it goes.
DROP TRIGGER corrections_no_change ON corrections;
DELETE FROM corrections WHERE kind IN ('match_answer', 'repair_talk');
DELETE FROM correction_kinds WHERE code IN ('match_answer', 'repair_talk');
CREATE TRIGGER corrections_no_change BEFORE UPDATE OR DELETE ON corrections FOR EACH ROW EXECUTE FUNCTION append_only();
