-- When a session was agreed on with its person, as stated: whoever agreed on it after its reminder's moment knows it. NULL: nobody asked them, for it
-- was planned by itself, or is only proposed. Of what stands nobody wrote down which was planned by itself.
ALTER TABLE sessions ADD COLUMN agreed_at {time};
UPDATE sessions SET agreed_at = coalesce((SELECT max(session_changes.recorded_at) FROM session_changes
    WHERE session_changes.session_id = sessions.id AND session_changes.kind = 'confirmed'), sessions.recorded_at)
    WHERE state <> 'proposed';
