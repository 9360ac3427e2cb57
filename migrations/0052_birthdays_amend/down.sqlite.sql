UPDATE duties SET subject_kind = 'person', subject_id = person_id, slot = slot || ' ' || lower(substr(hex(subject_id), 1, 8) || '-' ||
        substr(hex(subject_id), 9, 4) || '-' || substr(hex(subject_id), 13, 4) || '-' || substr(hex(subject_id), 17, 4) || '-' ||
        substr(hex(subject_id), 21, 12))
    WHERE kind IN ('turns_10', 'turns_15', 'turns_18') AND subject_kind = 'course';
