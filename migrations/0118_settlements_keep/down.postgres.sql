DROP TRIGGER corrections_no_change ON corrections;
DELETE FROM corrections WHERE kind = 'settlement';
DELETE FROM correction_kinds WHERE code = 'settlement';
CREATE TRIGGER corrections_no_change BEFORE UPDATE OR DELETE ON corrections FOR EACH ROW EXECUTE FUNCTION append_only();
