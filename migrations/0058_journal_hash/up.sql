-- What a call was about and what was done to it, as one hash, beside the call that holds it: a later call may refer to it where its own is the
-- same, whatever a process remembers. What was written before is referred to by none.
ALTER TABLE journal_calls ADD COLUMN subjects_hash {blob};
