ALTER TABLE case_people DROP COLUMN police_recorded_at;
ALTER TABLE case_people DROP COLUMN police_took_at;
