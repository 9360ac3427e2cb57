-- When the start of a match, and of a course, was first written down: the figures say what was recorded more than a week later.
ALTER TABLE matches ADD COLUMN starts_recorded_at {time};
ALTER TABLE courses ADD COLUMN started_recorded_at {time};
-- The start of a match kept the promise of its proposal; one that took over from another was written down as it began.
UPDATE matches SET starts_recorded_at = COALESCE((
        SELECT MAX(d.closed_recorded_at) FROM duties d WHERE d.kind = 'proposal' AND d.match_id = matches.id AND d.state = 'done'
    ), recorded_at)
    WHERE starts_at IS NOT NULL;
-- A course begins with the log of a session held; one that was corrected came in with its first version.
UPDATE courses SET started_recorded_at = (
        SELECT MIN(l.received_at) FROM session_logs l WHERE l.course_id = courses.id AND l.outcome = 'held'
    )
    WHERE started_at IS NOT NULL;
UPDATE courses SET started_recorded_at = (
        SELECT MIN(v.received_at) FROM session_log_versions v JOIN session_logs l ON l.id = v.log_id
        WHERE l.course_id = courses.id AND l.outcome = 'held'
    )
    WHERE started_recorded_at > (
        SELECT MIN(v.received_at) FROM session_log_versions v JOIN session_logs l ON l.id = v.log_id
        WHERE l.course_id = courses.id AND l.outcome = 'held'
    );
