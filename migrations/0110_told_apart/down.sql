UPDATE duties SET slot = substr(slot, 1, length(slot) - 4) WHERE kind = 'tell_by_hand' AND slot LIKE '%Z %Z all'
    AND NOT EXISTS (SELECT 1 FROM duties other WHERE other.kind = duties.kind AND other.subject_id = duties.subject_id AND other.slot || ' all' = duties.slot);
ALTER TABLE people DROP COLUMN recipient_chosen_at;
ALTER TABLE session_logs DROP COLUMN apart_session_id;
