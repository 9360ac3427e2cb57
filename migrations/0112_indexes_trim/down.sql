CREATE INDEX messages_by_case ON messages (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX duties_by_match ON duties (match_id, state, due_at) WHERE match_id IS NOT NULL;
