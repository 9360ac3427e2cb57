-- Founded concerns: their persons, referral, alerts, closing (domain section 4).
{vocabulary case_states open closed archived erased}
{vocabulary case_roles young_person parent sibling relative}
{vocabulary close_reasons goals_reached handed_over no_longer_relevant moved dead taken_over_by_police}
{vocabulary alert_kinds cannot_be_found feared_departure danger_to_self danger_to_others other}
CREATE TABLE cases (
    id {uuid} PRIMARY KEY,
    state {text} NOT NULL REFERENCES case_states,
    case_kind {text} NOT NULL REFERENCES case_kinds,
    target_group {text} NOT NULL REFERENCES target_groups,
    severity {text} NOT NULL REFERENCES severities,
    responsible_authority {text} NOT NULL,
    -- The responsible coordinator's account; null: the unit.
    coordinator_id {uuid} REFERENCES accounts,
    received_at {time} NOT NULL,
    founded_at {time} NOT NULL,
    needs_local_effort {bool} NOT NULL,
    referred_at {time},
    referred_recorded_at {time},
    referred_to {text},
    -- Sealed under the case: why the limit was missed.
    referral_late_reason {blob},
    referral_accepted_at {time},
    -- Sealed under the case: by whom it was accepted and the first action.
    referral_acceptance {blob},
    custody_conflict {bool} NOT NULL,
    closed_at {time},
    close_reason {text} REFERENCES close_reasons,
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX cases_by_state ON cases (state, founded_at);
CREATE INDEX cases_by_founded ON cases (founded_at);
CREATE TABLE case_people (
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    role {text} NOT NULL REFERENCES case_roles,
    joined_at {time} NOT NULL,
    left_at {time},
    PRIMARY KEY (case_id, person_id)
) {strict};
CREATE INDEX case_people_by_person ON case_people (person_id);
CREATE TABLE alerts (
    id {uuid} PRIMARY KEY,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    kind {text} NOT NULL REFERENCES alert_kinds,
    raised_at {time} NOT NULL,
    -- Sealed under the case.
    grounds {blob} NOT NULL,
    resolved_at {time},
    resolution {blob},
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX alerts_by_case ON alerts (case_id);
CREATE UNIQUE INDEX alerts_one_open ON alerts (case_id, person_id, kind) WHERE resolved_at IS NULL;
