DROP TABLE retracted_deaths;
ALTER TABLE cases DROP COLUMN enquiry_id;
DROP INDEX contact_stops_by_case;
DELETE FROM contact_stops WHERE EXISTS (
    SELECT 1 FROM contact_stops later WHERE later.case_id = contact_stops.case_id AND later.person_id = contact_stops.person_id
        AND later.track = contact_stops.track AND (later.recorded_at > contact_stops.recorded_at
        OR (later.recorded_at = contact_stops.recorded_at AND later.id > contact_stops.id))
);
