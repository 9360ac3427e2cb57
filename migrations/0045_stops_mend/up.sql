-- A reason not to offer again that was recorded by mistake is taken back, and kept.
ALTER TABLE contact_stops ADD COLUMN retracted_at {time};
ALTER TABLE contact_stops ADD COLUMN retracted_by {uuid};
