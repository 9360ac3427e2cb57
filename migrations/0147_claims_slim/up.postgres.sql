-- Whose time a session holds, and from when, stands in the session: what it gives back is found by that.
ALTER TABLE claims DROP CONSTRAINT claims_session_id_person_key;
