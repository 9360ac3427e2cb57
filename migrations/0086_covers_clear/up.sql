-- What was cancelled while somebody covered it went on naming them when their cover was taken back.
UPDATE sessions SET cover_staff_id = NULL, version = version + 1
    WHERE state = 'cancelled' AND cover_staff_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM covers c WHERE c.session_id = sessions.id AND c.state = 'standing');
