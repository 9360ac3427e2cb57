UPDATE duties SET subject_kind = 'course', subject_id = unhex(substr(slot, 12), '-'), slot = substr(slot, 1, 10)
    WHERE kind IN ('turns_10', 'turns_15', 'turns_18') AND subject_kind = 'person' AND length(slot) = 47;
-- Of a course that has ended nothing is asked; those of the person's other courses are promised anew, by the night at the latest.
UPDATE duties SET state = 'ended', reason = 'course_ended', closed_recorded_at = recorded_at,
        closed_at = (SELECT c.ended_at FROM courses c WHERE c.id = duties.subject_id)
    WHERE kind IN ('turns_10', 'turns_15', 'turns_18') AND subject_kind = 'course' AND state = 'open'
    AND EXISTS (SELECT 1 FROM courses c WHERE c.id = duties.subject_id AND c.ended_at IS NOT NULL);
