DROP TABLE session_answers;
DROP TABLE session_links;
DROP TABLE link_choices;
DELETE FROM messages WHERE kind = 'appointment_answered';
DELETE FROM message_kinds WHERE code = 'appointment_answered';
DROP TABLE answer_outcomes;
DROP TABLE link_answers;
