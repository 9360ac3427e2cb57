-- A result that was recorded by mistake is taken back, and kept.
ALTER TABLE followups ADD COLUMN retracted_at {time};
ALTER TABLE followups ADD COLUMN retracted_by {uuid};
