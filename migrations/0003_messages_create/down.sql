DROP TABLE nights;
DROP TABLE messages;
DROP TABLE channels;
DROP TABLE message_states;
DROP TABLE message_kinds;
