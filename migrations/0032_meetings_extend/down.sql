DELETE FROM duties WHERE kind = 'first_meeting';
DELETE FROM duty_kinds WHERE code = 'first_meeting';
