-- What became of it after 6 and 12 months, contact notes and support contacts (domain section 5).
{vocabulary followup_kinds followup_6m followup_12m}
{vocabulary answers yes no unknown}
{vocabulary activities education employed both neither unknown}
{vocabulary note_kinds call meeting message support_professional family_meeting support_contact}
{vocabulary note_outcomes held cancelled did_not_appear}
CREATE TABLE followups (
    id {uuid} PRIMARY KEY,
    duty_id {uuid} NOT NULL UNIQUE REFERENCES duties,
    course_id {uuid} NOT NULL REFERENCES courses,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    kind {text} NOT NULL REFERENCES followup_kinds,
    held_at {time} NOT NULL,
    -- 6 months: assessed at risk?  12 months: in education or employment, on which day.
    at_risk {text} REFERENCES answers,
    activity {text} REFERENCES activities,
    as_of_on {date},
    new_concern {bool} NOT NULL,
    -- Sealed under the person: how contacted, basis or source of the fact.
    basis {blob} NOT NULL,
    done_by {uuid} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX followups_by_course ON followups (course_id);
CREATE TABLE contact_notes (
    id {uuid} PRIMARY KEY,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} REFERENCES people,
    match_id {uuid} REFERENCES matches,
    kind {text} NOT NULL REFERENCES note_kinds,
    outcome {text} NOT NULL REFERENCES note_outcomes,
    cancelled_by {text} REFERENCES sides,
    happened_at {time} NOT NULL,
    -- Who did it, and who typed it.
    done_by {uuid} NOT NULL,
    recorded_by {uuid} NOT NULL,
    recorded_at {time} NOT NULL,
    -- Sealed under the case: with whom, facts, assessment, agreed next step.
    body {blob} NOT NULL,
    next_step_on {date},
    next_step_owner_id {uuid} REFERENCES accounts,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX contact_notes_by_case ON contact_notes (case_id, happened_at);
CREATE INDEX contact_notes_by_match ON contact_notes (match_id, happened_at);
