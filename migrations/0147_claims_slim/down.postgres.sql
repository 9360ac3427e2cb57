ALTER TABLE claims ADD CONSTRAINT claims_session_id_person_key UNIQUE (session_id, person);
