DELETE FROM duties WHERE kind = 'undecided_leave';
DELETE FROM duty_kinds WHERE code = 'undecided_leave';
