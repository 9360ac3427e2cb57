-- What was noted stays noted: with such changes in the history there is no way back.
DELETE FROM session_change_kinds WHERE code = 'changed';
