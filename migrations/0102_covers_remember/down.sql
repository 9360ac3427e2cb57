ALTER TABLE covers DROP COLUMN leave_id;
