-- When the police took somebody over, in each case in which a concern that they took is about them, and when that was written down: what was offered to them
-- there before does not come back with what had ended it. Of several times it is the last.
ALTER TABLE case_people ADD COLUMN police_took_at {time};
ALTER TABLE case_people ADD COLUMN police_recorded_at {time};
-- Of before this was kept it is known of those to whom something was promised still, in a case whose opening concern the police took, or where they
-- took one that is about them: what a closing by hand for that reason ended may come back with it.
UPDATE case_people SET
    police_took_at = (SELECT MAX(d.closed_at) FROM duties d
        WHERE d.case_id = case_people.case_id AND d.person_id = case_people.person_id AND d.reason = 'police_took_over'),
    police_recorded_at = (SELECT MAX(d.closed_recorded_at) FROM duties d
        WHERE d.case_id = case_people.case_id AND d.person_id = case_people.person_id AND d.reason = 'police_took_over')
WHERE case_id IN (SELECT c.id FROM cases c JOIN enquiries e ON e.id = c.enquiry_id
    WHERE e.state = 'transferred_police' OR e.id IN (SELECT p.enquiry_id FROM police_screens p WHERE p.result = 'taken_over'))
OR (case_id, person_id) IN (SELECT e.case_id, s.person_id FROM enquiries e JOIN enquiry_subjects s ON s.enquiry_id = e.id
    WHERE e.state = 'transferred_police' OR e.id IN (SELECT p.enquiry_id FROM police_screens p WHERE p.result = 'taken_over'));
