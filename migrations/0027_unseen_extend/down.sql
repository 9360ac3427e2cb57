DELETE FROM duties WHERE kind = 'unseen_match';
DELETE FROM duty_kinds WHERE code = 'unseen_match';
