ALTER TABLE people DROP COLUMN recipient_chosen_at;
ALTER TABLE session_logs DROP COLUMN apart_session_id;
