-- Offers, answers, consents, courses, plans (domain sections 4 and 5).
{vocabulary tracks mentor parent_coach}
{vocabulary offer_states open accepted declined withdrawn}
{vocabulary offer_ways home_visit meeting phone letter digital}
{vocabulary decline_reasons no_need no_trust no_time wants_other_help no_answer other}
{vocabulary stop_reasons moved dead asked_never_to_be_contacted no_longer_relevant}
{vocabulary course_states waiting active completed suspended_handed_over discontinued}
{vocabulary consent_scopes participation contact_after}
CREATE TABLE offers (
    id {uuid} PRIMARY KEY,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    track {text} NOT NULL REFERENCES tracks,
    state {text} NOT NULL REFERENCES offer_states,
    -- The first of this person, track and case; a later one may fulfil a re-offer duty.
    first {bool} NOT NULL,
    fulfils_duty_id {uuid} REFERENCES duties,
    offered_at {time} NOT NULL,
    offered_by {uuid} NOT NULL,
    how {text} NOT NULL REFERENCES offer_ways,
    -- Sealed under the person: what was explained (purpose, voluntary, confidentiality and its limits, data).
    information {blob} NOT NULL,
    legal_basis {text} NOT NULL REFERENCES legal_bases,
    answered_at {time},
    answered_recorded_at {time},
    decline_reason {text} REFERENCES decline_reasons,
    -- Sealed: the person's own words.
    answer_words {blob},
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE UNIQUE INDEX offers_one_open ON offers (person_id, track) WHERE state = 'open';
CREATE INDEX offers_by_case ON offers (case_id);
CREATE INDEX offers_by_answer ON offers (answered_at);
CREATE TABLE courses (
    id {uuid} PRIMARY KEY,
    offer_id {uuid} NOT NULL UNIQUE REFERENCES offers,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    track {text} NOT NULL REFERENCES tracks,
    state {text} NOT NULL REFERENCES course_states,
    accepted_at {time} NOT NULL,
    -- Fixed on the day of acceptance, for counting only.
    adult_at_acceptance {bool} NOT NULL,
    started_at {time},
    paused_at {time},
    ended_at {time},
    ended_recorded_at {time},
    -- Sealed under the person: the closing form.
    closing {blob},
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE UNIQUE INDEX courses_one_unended ON courses (person_id, track) WHERE ended_at IS NULL;
CREATE INDEX courses_by_case ON courses (case_id);
CREATE INDEX courses_by_end ON courses (ended_at);
CREATE TABLE consents (
    id {uuid} PRIMARY KEY,
    offer_id {uuid} NOT NULL REFERENCES offers,
    case_id {uuid} NOT NULL REFERENCES cases,
    -- Whose participation it is about, and who says yes or no.
    person_id {uuid} NOT NULL REFERENCES people,
    giver_id {uuid} NOT NULL REFERENCES people,
    scope {text} NOT NULL REFERENCES consent_scopes,
    text_version {text} NOT NULL,
    given {bool} NOT NULL,
    -- The participant's own, for the time from the 18th birthday on.
    adult_basis {bool} NOT NULL,
    -- True: not asked, because a coordinator recorded why this custody holder is not needed; sealed under the person.
    not_needed {bool} NOT NULL,
    not_needed_basis {blob},
    given_at {time} NOT NULL,
    withdrawn_at {time},
    withdrawn_recorded_at {time},
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX consents_by_offer ON consents (offer_id);
CREATE INDEX consents_by_person ON consents (person_id);
CREATE TABLE plans (
    id {uuid} PRIMARY KEY,
    course_id {uuid} NOT NULL REFERENCES courses,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    -- 1, 2, 3 …: a revision is a new row.
    number {int} NOT NULL,
    made_at {time} NOT NULL,
    review_on {date} NOT NULL,
    -- Sealed under the person: goals, areas, own words, milestones.
    body {blob} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    CONSTRAINT plans_course_id_number_key UNIQUE (course_id, number)
) {strict};
-- When a course stood still, and on what basis it went on.
CREATE TABLE course_pauses (
    id {uuid} PRIMARY KEY,
    course_id {uuid} NOT NULL REFERENCES courses,
    -- The withdrawal that paused it; null: the unit did.
    consent_id {uuid} REFERENCES consents,
    paused_at {time} NOT NULL,
    -- Sealed under the participant.
    grounds {blob},
    resumed_at {time},
    basis {blob},
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL
) {strict};
CREATE INDEX course_pauses_by_course ON course_pauses (course_id);
CREATE TABLE contact_stops (
    id {uuid} PRIMARY KEY,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    track {text} NOT NULL REFERENCES tracks,
    reason {text} NOT NULL REFERENCES stop_reasons,
    stopped_at {time} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    CONSTRAINT contact_stops_case_id_person_id_track_key UNIQUE (case_id, person_id, track)
) {strict};
