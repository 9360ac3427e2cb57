-- Address, text and link of what came to its end are of use to nobody; a link in them may still be answered.
UPDATE messages SET prepared = NULL WHERE state NOT IN ('waiting', 'leased');
