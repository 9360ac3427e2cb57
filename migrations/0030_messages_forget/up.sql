-- Address, text and link of what came to its end are of use to nobody; a link in them may still be answered.
UPDATE messages SET prepared = NULL WHERE state NOT IN ('waiting', 'leased');
-- Enough of the address to see whether it is still its reader's.
ALTER TABLE messages ADD COLUMN address_hash {blob};
