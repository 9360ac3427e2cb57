-- How many versions of its session are not shown to whoever only covers it, for they tell how often it was changed before: what they read is its
-- version less these. It goes on where what they were shown of it by an earlier cover ended.
ALTER TABLE covers ADD COLUMN unseen {bigint} NOT NULL DEFAULT 0;
-- Which version whoever covered was shown last; null: the cover stands.
ALTER TABLE covers ADD COLUMN last_seen {bigint};
-- Of before, the version itself was shown. All go on from one number that none of them had come to, so that it tells nothing, and is none that was read.
UPDATE covers SET unseen = (SELECT s.version FROM sessions s WHERE s.id = covers.session_id) - 1000;
UPDATE covers SET last_seen = 1000 WHERE state <> 'standing';
-- The number that was told whoever has a session in their calendar: whoever only covers it is not told how often it was changed before.
ALTER TABLE calendar_entries ADD COLUMN told {int} NOT NULL DEFAULT 0;
UPDATE calendar_entries SET told = sequence;
