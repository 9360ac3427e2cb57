-- The session that a log names and was kept apart from, for its writer had no say in what was to come: it is kept apart from that also once it began, and
-- not from one whose plan had been given up. Of what was sent before nobody wrote it down.
ALTER TABLE session_logs ADD COLUMN apart_session_id {uuid} REFERENCES sessions;
-- Since when the chosen custody holder gets a child's reminders: what another was told by hand is no word to them. NULL: since before this was kept.
ALTER TABLE people ADD COLUMN recipient_chosen_at {time};
-- An errand that speaks for all that changed together says so in its slot.
UPDATE duties SET slot = slot || ' all' WHERE kind = 'tell_by_hand' AND state IN ('open', 'done') AND slot LIKE '%Z %Z'
    AND subject_id IN (SELECT id FROM sessions WHERE telling = 'for_all');
