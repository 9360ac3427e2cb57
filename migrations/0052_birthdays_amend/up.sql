-- A birthday is promised in each course, and kept by what is said to that course's offer: the course made it, not the person, and a date is which.
-- Those that named a date alone and are still to be kept belong to the person's first course that is open; kept ones stay as they were.
UPDATE duties SET subject_kind = 'course', subject_id = (
        SELECT c.id FROM courses c WHERE c.person_id = duties.person_id AND c.ended_at IS NULL ORDER BY c.accepted_at, c.id LIMIT 1
    )
    WHERE kind IN ('turns_10', 'turns_15', 'turns_18') AND subject_kind = 'person' AND state = 'open' AND length(slot) = 10
    AND EXISTS (SELECT 1 FROM courses c WHERE c.person_id = duties.person_id AND c.ended_at IS NULL)
    AND NOT EXISTS (
        SELECT 1 FROM duties d WHERE d.kind = duties.kind AND d.person_id = duties.person_id AND d.slot <> duties.slot
        AND substr(d.slot, 1, 10) = duties.slot
    );
