-- The match that a hand-over took over from: nobody was asked by a proposal, so it is no answered one.
ALTER TABLE matches ADD COLUMN taken_over_from {uuid};
UPDATE matches SET taken_over_from = (
    SELECT earlier.id FROM matches earlier
    WHERE earlier.course_id = matches.course_id AND earlier.end_reason = 'handed_over' AND earlier.ended_at = matches.starts_at
    ORDER BY earlier.id LIMIT 1
)
WHERE starts_at = proposed_at;
-- What would help most of those who have nobody: codes and members of staff, nobody's case, as JSON.
ALTER TABLE matching_runs ADD COLUMN needs {text} NOT NULL DEFAULT '[]';
INSERT INTO duty_kinds (code) VALUES ('proposal'), ('ask_interest');
