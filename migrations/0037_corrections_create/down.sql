DELETE FROM duties WHERE kind = 'certificate_missing';
DELETE FROM duty_kinds WHERE code = 'certificate_missing';
ALTER TABLE offers DROP COLUMN answered_by;
UPDATE courses SET state = 'discontinued' WHERE state = 'retracted';
DELETE FROM course_states WHERE code = 'retracted';
DROP TABLE corrections;
