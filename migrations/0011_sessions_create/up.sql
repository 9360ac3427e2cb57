-- Meetings, claims on time, logs (domain sections 4 and 5).
{vocabulary session_states proposed planned held no_show cancelled tried}
{vocabulary session_kinds in_person phone video text}
{vocabulary sides person staff unit}
{vocabulary log_outcomes held moved cancelled no_show tried}
CREATE TABLE sessions (
    id {uuid} PRIMARY KEY,
    match_id {uuid} NOT NULL REFERENCES matches,
    course_id {uuid} NOT NULL REFERENCES courses,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    staff_id {uuid} NOT NULL REFERENCES staff,
    state {text} NOT NULL REFERENCES session_states,
    starts_at {time} NOT NULL,
    ends_at {time} NOT NULL,
    -- When its present time was set: a reminder whose moment lay before that is not sent.
    timed_at {time} NOT NULL,
    kind {text} NOT NULL REFERENCES session_kinds,
    place_code {text},
    -- False: a meeting that was held without a plan.
    was_planned {bool} NOT NULL,
    moved_count {int} NOT NULL,
    -- Whose side cancelled, or did not come.
    cancelled_by {text} REFERENCES sides,
    cancelled_at {time},
    -- A cancellation by the person's side for which no new time was agreed lengthens a run of misses.
    new_time_agreed {bool},
    late_cancellation {bool} NOT NULL,
    -- Minutes held, as logged.
    minutes {int},
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX sessions_by_match ON sessions (match_id, starts_at);
CREATE INDEX sessions_by_course ON sessions (course_id, starts_at);
CREATE INDEX sessions_by_person ON sessions (person_id, starts_at);
CREATE INDEX sessions_by_staff ON sessions (staff_id, starts_at);
CREATE INDEX sessions_by_case ON sessions (case_id, starts_at);
CREATE INDEX sessions_by_start ON sessions (starts_at);
-- One log per session and participant (here: per match).
CREATE TABLE session_logs (
    -- The phone's own id.
    id {uuid} PRIMARY KEY,
    session_id {uuid} NOT NULL REFERENCES sessions,
    match_id {uuid} NOT NULL REFERENCES matches,
    course_id {uuid} NOT NULL REFERENCES courses,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    -- Whose account it is (`by`), and who typed it.
    writer_id {uuid} NOT NULL REFERENCES accounts,
    recorded_by {uuid} NOT NULL REFERENCES accounts,
    outcome {text} NOT NULL REFERENCES log_outcomes,
    starts_at {time} NOT NULL,
    minutes {int},
    -- Sealed under the course's person: topics, facts, assessment, progress, changes, wishes.
    body {blob} NOT NULL,
    revision {int} NOT NULL,
    written_at {time} NOT NULL,
    received_at {time} NOT NULL,
    late {bool} NOT NULL,
    -- Stated ahead of our clock, or delivered after the grace: in the coordinator's tray.
    clock_ahead {bool} NOT NULL,
    in_tray {bool} NOT NULL,
    wants_supervision {bool} NOT NULL,
    welfare_report {bool} NOT NULL,
    changed_at {time} NOT NULL,
    version {bigint} NOT NULL,
    CONSTRAINT session_logs_session_id_match_id_key UNIQUE (session_id, match_id)
) {strict};
CREATE INDEX session_logs_by_match ON session_logs (match_id, starts_at);
CREATE INDEX session_logs_by_case ON session_logs (case_id, starts_at);
CREATE INDEX session_logs_tray ON session_logs (received_at) WHERE in_tray;
-- Earlier versions and late copies of older ones: append-only.
CREATE TABLE session_log_versions (
    id {uuid} PRIMARY KEY,
    log_id {uuid} NOT NULL REFERENCES session_logs,
    revision {int} NOT NULL,
    outcome {text} NOT NULL REFERENCES log_outcomes,
    starts_at {time} NOT NULL,
    minutes {int},
    body {blob} NOT NULL,
    recorded_by {uuid} NOT NULL,
    written_at {time} NOT NULL,
    received_at {time} NOT NULL
) {strict};
CREATE INDEX session_log_versions_by_log ON session_log_versions (log_id, received_at);
-- Meetings reported by a partner that count in a person's run of misses (the school calls: he did not come). The contact note, which
-- belongs to a room below, tells the rest.
CREATE TABLE reported_meetings (
    id {uuid} PRIMARY KEY,
    note_id {uuid} NOT NULL,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    starts_at {time} NOT NULL,
    outcome {text} NOT NULL REFERENCES log_outcomes,
    cancelled_by {text} REFERENCES sides,
    new_time_agreed {bool},
    CONSTRAINT reported_meetings_note_id_person_id_starts_at_key UNIQUE (note_id, person_id, starts_at)
) {strict};
CREATE INDEX reported_meetings_by_person ON reported_meetings (person_id, starts_at);
