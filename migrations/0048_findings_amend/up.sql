-- A conclusion that was drawn by mistake is taken back, and the case that it opened never was.
ALTER TABLE decisions ADD COLUMN retracted_at {time};
ALTER TABLE decisions ADD COLUMN retracted_by {uuid};
INSERT INTO case_states (code) VALUES ('retracted');
