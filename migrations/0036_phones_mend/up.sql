-- When they met by the last version of a log that lay in no tray: the support contacts go by it while a correction waits to be taken in.
ALTER TABLE session_logs ADD COLUMN held_at {time};
UPDATE session_logs SET held_at = starts_at WHERE outcome = 'held' AND NOT in_tray;
-- A keyed hash of where a device's pushes go: the same phone is known under another sign-in. What was given before is known when it is given anew.
ALTER TABLE devices ADD COLUMN push_hash {blob};
CREATE INDEX devices_by_push_hash ON devices (push_hash) WHERE push_hash IS NOT NULL;
