-- What became of it after 6 and 12 months, contact notes and support contacts (domain section 5).
{vocabulary followup_kinds followup_6m followup_12m}
{vocabulary followup_ways meeting home_visit phone message own_initiative professional records}
{vocabulary answers yes no unknown}
{vocabulary activities education employed both neither unknown}
{vocabulary note_kinds call meeting message support_professional family_meeting support_contact supervision}
{vocabulary note_outcomes held cancelled did_not_appear}
CREATE TABLE followups (
    id {uuid} PRIMARY KEY,
    -- The promise it is a result of. Several results may be recorded: any day within the 12 months counts.
    duty_id {uuid} NOT NULL REFERENCES duties,
    course_id {uuid} NOT NULL REFERENCES courses,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    kind {text} NOT NULL REFERENCES followup_kinds,
    held_at {time} NOT NULL,
    way {text} NOT NULL REFERENCES followup_ways,
    -- 6 months: assessed at risk?
    at_risk {text} REFERENCES answers,
    new_concern {bool} NOT NULL,
    -- 12 months: in education or employment, on which day.
    activity {text} REFERENCES activities,
    as_of_on {date},
    done_by {uuid} NOT NULL REFERENCES accounts,
    -- The present one of its versions.
    revision {int} NOT NULL,
    recorded_by {uuid} NOT NULL REFERENCES accounts,
    recorded_at {time} NOT NULL,
    changed_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX followups_by_duty ON followups (duty_id);
CREATE INDEX followups_by_course ON followups (course_id);
CREATE INDEX followups_by_case ON followups (case_id);
CREATE INDEX followups_by_held ON followups (held_at, id);
-- What each version says, the present one too: append-only, so that a correction keeps the original.
CREATE TABLE followup_versions (
    id {uuid} PRIMARY KEY,
    followup_id {uuid} NOT NULL REFERENCES followups,
    revision {int} NOT NULL,
    -- Sealed under the person: the whole result, with its basis or the source of the fact.
    content {blob} NOT NULL,
    recorded_by {uuid} NOT NULL REFERENCES accounts,
    recorded_at {time} NOT NULL,
    CONSTRAINT followup_versions_followup_id_revision_key UNIQUE (followup_id, revision)
) {strict};
CREATE TABLE contact_notes (
    id {uuid} PRIMARY KEY,
    case_id {uuid} NOT NULL REFERENCES cases,
    -- The match that a support contact or supervision is about.
    match_id {uuid} REFERENCES matches,
    kind {text} NOT NULL REFERENCES note_kinds,
    outcome {text} NOT NULL REFERENCES note_outcomes,
    happened_at {time} NOT NULL,
    -- Which sides of the match were spoken to.
    with_staff {bool} NOT NULL,
    with_person {bool} NOT NULL,
    -- Who did it, and who typed it.
    done_by {uuid} NOT NULL REFERENCES accounts,
    recorded_by {uuid} NOT NULL REFERENCES accounts,
    recorded_at {time} NOT NULL,
    -- The agreed next step, which is a duty.
    step_on {date},
    step_owner_id {uuid} REFERENCES accounts,
    -- The present one of its versions.
    revision {int} NOT NULL,
    changed_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX contact_notes_by_case ON contact_notes (case_id, happened_at);
CREATE INDEX contact_notes_by_match ON contact_notes (match_id, happened_at) WHERE match_id IS NOT NULL;
CREATE INDEX contact_notes_by_time ON contact_notes (happened_at, id);
-- Whom of the case it was with.
CREATE TABLE note_people (
    note_id {uuid} NOT NULL REFERENCES contact_notes,
    person_id {uuid} NOT NULL REFERENCES people,
    PRIMARY KEY (note_id, person_id)
) {strict};
CREATE INDEX note_people_by_person ON note_people (person_id);
-- What each version says, the present one too: append-only, so that a correction keeps the original.
CREATE TABLE note_versions (
    id {uuid} PRIMARY KEY,
    note_id {uuid} NOT NULL REFERENCES contact_notes,
    revision {int} NOT NULL,
    -- Sealed under the case, since a note may name several people: the whole note but its two texts, and the two.
    content {blob} NOT NULL,
    facts {blob},
    assessment {blob},
    recorded_by {uuid} NOT NULL REFERENCES accounts,
    recorded_at {time} NOT NULL,
    CONSTRAINT note_versions_note_id_revision_key UNIQUE (note_id, revision)
) {strict};
