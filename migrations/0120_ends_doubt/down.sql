DELETE FROM duties WHERE kind = 'end_in_doubt';
DELETE FROM duty_kinds WHERE code = 'end_in_doubt';
