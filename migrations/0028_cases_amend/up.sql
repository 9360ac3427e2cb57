-- The concern that opened a case; the others joined it.
ALTER TABLE cases ADD COLUMN enquiry_id {uuid};
UPDATE cases SET enquiry_id = (
    SELECT e.id FROM enquiries e WHERE e.case_id = cases.id AND e.decided_at = cases.founded_at ORDER BY e.decided_recorded_at, e.id LIMIT 1
);
-- A death that was written down of the wrong person, as it was recorded until it was taken back.
CREATE TABLE retracted_deaths (
    id {uuid} PRIMARY KEY NOT NULL,
    person_id {uuid} NOT NULL REFERENCES people,
    died_on {date} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL
) {strict};
CREATE INDEX retracted_deaths_by_person ON retracted_deaths (person_id);
