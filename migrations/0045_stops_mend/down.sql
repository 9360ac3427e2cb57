DELETE FROM contact_stops WHERE retracted_at IS NOT NULL;
ALTER TABLE contact_stops DROP COLUMN retracted_by;
ALTER TABLE contact_stops DROP COLUMN retracted_at;
