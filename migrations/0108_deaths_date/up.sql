-- When a death was last recorded of a person, and when an alert was recorded as resolved: what ended with a death that is taken back is told by it.
-- Null where nobody kept it.
ALTER TABLE people ADD COLUMN death_recorded_at {time};
ALTER TABLE alerts ADD COLUMN resolved_recorded_at {time};
