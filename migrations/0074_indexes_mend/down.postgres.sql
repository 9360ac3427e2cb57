CREATE INDEX claims_by_person ON claims (person, starts_at);
ALTER TABLE claims DROP CONSTRAINT claims_session_id_person_key;
ALTER TABLE claims DROP CONSTRAINT claims_pkey;
ALTER TABLE claims ADD PRIMARY KEY (session_id, person);
