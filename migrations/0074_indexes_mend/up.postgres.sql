-- Time that is held is looked for by person and start, as on SQLite.
ALTER TABLE claims DROP CONSTRAINT claims_pkey;
ALTER TABLE claims ADD PRIMARY KEY (person, starts_at, session_id);
ALTER TABLE claims ADD CONSTRAINT claims_session_id_person_key UNIQUE (session_id, person);
DROP INDEX claims_by_person;
