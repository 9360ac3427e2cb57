DROP TRIGGER corrections_no_delete;
DELETE FROM corrections WHERE kind = 'settlement';
DELETE FROM correction_kinds WHERE code = 'settlement';
CREATE TRIGGER corrections_no_delete BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'append_only'); END;
