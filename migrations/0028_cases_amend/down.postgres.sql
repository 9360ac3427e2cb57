ALTER TABLE contact_stops ADD CONSTRAINT contact_stops_case_id_person_id_track_key UNIQUE (case_id, person_id, track);
