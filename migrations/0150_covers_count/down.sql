ALTER TABLE calendar_entries DROP COLUMN told;
ALTER TABLE covers DROP COLUMN last_seen;
ALTER TABLE covers DROP COLUMN unseen;
