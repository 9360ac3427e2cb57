-- Sealed under the account: where a word goes that takes something out of a mailbox which is the account's no more; forgotten when it went.
ALTER TABLE messages ADD COLUMN former_address {blob};
