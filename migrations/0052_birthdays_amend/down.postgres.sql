UPDATE duties SET subject_kind = 'person', subject_id = person_id, slot = slot || ' ' || subject_id::text
    WHERE kind IN ('turns_10', 'turns_15', 'turns_18') AND subject_kind = 'course';
