-- For which leave of whoever runs the match somebody comes: with it the cover is taken back, wherever session and clock were moved since. No
-- reference, for a leave that is struck is gone, and who held a session in it is not. Of what was decided before nobody wrote it down.
ALTER TABLE covers ADD COLUMN leave_id {uuid};
