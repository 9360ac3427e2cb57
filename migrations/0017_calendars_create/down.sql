DELETE FROM messages WHERE kind IN ('invitation', 'invitation_cancelled');
DELETE FROM message_kinds WHERE code IN ('invitation', 'invitation_cancelled');
DROP TABLE calendar_entries;
DROP TABLE calendars;
