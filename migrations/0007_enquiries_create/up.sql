-- Concerns handed in, and what was done to qualify them (domain sections 4 and 5).
{vocabulary enquiry_states received qualifying unfounded founded advice_only other_municipality transferred_police}
{vocabulary enquiry_channels phone email letter system meeting hotline}
{vocabulary sources social_services school ssp police probation psychiatry housing hotline citizen relative self other}
{vocabulary reporter_kinds professional citizen relative self anonymous}
{vocabulary urgencies low normal high acute}
{vocabulary severities hours_24 hours_48 hours_72}
{vocabulary case_kinds young_person adult family}
{vocabulary target_groups at_risk radicalised relative_of}
{vocabulary screen_results clear hold go_ahead taken_over}
{vocabulary visit_outcomes met not_met partly_met}
{vocabulary receipt_ways phone email letter in_person system}
{vocabulary legal_bases consent aja_115 pa_28 gdpr_6_9_10 aja_115a ssa_12b childs_act employment_act}
CREATE TABLE enquiries (
    id {uuid} PRIMARY KEY,
    state {text} NOT NULL REFERENCES enquiry_states,
    -- Stated, and when it was stored: it is stored before it is acknowledged.
    received_at {time} NOT NULL,
    recorded_at {time} NOT NULL,
    recorded_by {uuid},
    channel {text} NOT NULL REFERENCES enquiry_channels,
    source {text} NOT NULL REFERENCES sources,
    agency_id {uuid} REFERENCES agencies,
    urgency {text} NOT NULL REFERENCES urgencies,
    -- Sealed under the enquiry: what was seen or heard, when, by whom; guardians, siblings, district.
    concern {blob} NOT NULL,
    -- Sealed: risk and protective factors (free text, no score), conclusion.
    qualification {blob},
    case_kind {text} REFERENCES case_kinds,
    target_group {text} REFERENCES target_groups,
    severity {text} REFERENCES severities,
    -- The police's statement that an offer is suitable: needed for target group radicalised.
    police_statement_at {time},
    responsible_authority {text},
    needs_local_effort {bool} NOT NULL,
    decided_at {time},
    decided_recorded_at {time},
    decided_by {uuid},
    case_id {uuid},
    version {bigint} NOT NULL
) {strict};
CREATE INDEX enquiries_by_state ON enquiries (state, received_at);
CREATE INDEX enquiries_by_agency ON enquiries (agency_id, received_at);
CREATE INDEX enquiries_by_received ON enquiries (received_at);
CREATE TABLE reporters (
    id {uuid} PRIMARY KEY,
    enquiry_id {uuid} NOT NULL REFERENCES enquiries,
    kind {text} NOT NULL REFERENCES reporter_kinds,
    agency_id {uuid} REFERENCES agencies,
    account_id {uuid} REFERENCES accounts,
    wants_feedback {bool} NOT NULL,
    -- Sealed under the reporter: who it is and how to reach them; null when anonymous. Shown in one answer only.
    identity {blob},
    receipt_at {time},
    receipt_recorded_at {time},
    receipt_by {uuid},
    receipt_how {text} REFERENCES receipt_ways
) {strict};
CREATE INDEX reporters_by_enquiry ON reporters (enquiry_id);
CREATE TABLE enquiry_subjects (
    id {uuid} PRIMARY KEY,
    enquiry_id {uuid} NOT NULL REFERENCES enquiries,
    -- Null until a coordinator links a known person or says new.
    person_id {uuid} REFERENCES people,
    -- Sealed under the enquiry: names, age, registration number as told.
    description {blob} NOT NULL,
    born_on {date},
    settled_at {time}
) {strict};
CREATE INDEX enquiry_subjects_by_enquiry ON enquiry_subjects (enquiry_id);
CREATE INDEX enquiry_subjects_by_person ON enquiry_subjects (person_id);
CREATE TABLE partner_requests (
    id {uuid} PRIMARY KEY,
    enquiry_id {uuid} NOT NULL REFERENCES enquiries,
    source {text} NOT NULL REFERENCES sources,
    agency_id {uuid} REFERENCES agencies,
    asked_at {time} NOT NULL,
    legal_basis {text} NOT NULL REFERENCES legal_bases,
    answered_at {time},
    has_information {bool},
    -- Sealed under the enquiry.
    answer {blob},
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX partner_requests_by_enquiry ON partner_requests (enquiry_id);
CREATE TABLE police_screens (
    id {uuid} PRIMARY KEY,
    enquiry_id {uuid} NOT NULL REFERENCES enquiries,
    asked_at {time} NOT NULL,
    answered_at {time},
    result {text} REFERENCES screen_results,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX police_screens_by_enquiry ON police_screens (enquiry_id);
CREATE TABLE home_visits (
    id {uuid} PRIMARY KEY,
    enquiry_id {uuid} REFERENCES enquiries,
    case_id {uuid},
    decided_at {time} NOT NULL,
    visited_at {time},
    outcome {text} REFERENCES visit_outcomes,
    -- Sealed under the enquiry or the case: who went, who was met, what was seen.
    notes {blob},
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX home_visits_by_enquiry ON home_visits (enquiry_id);
CREATE INDEX home_visits_by_case ON home_visits (case_id);
{vocabulary decision_kinds ask_partners home_visit unfounded founded advice_only other_municipality transfer_police refer offer close other}
-- What a coordination meeting decided, or a decision between meetings that the next one ratifies.
CREATE TABLE decisions (
    id {uuid} PRIMARY KEY,
    kind {text} NOT NULL REFERENCES decision_kinds,
    enquiry_id {uuid} REFERENCES enquiries,
    case_id {uuid},
    decided_at {time} NOT NULL,
    decided_by {uuid} NOT NULL,
    -- The meeting's date; null: between meetings.
    meeting_on {date},
    ratified_on {date},
    -- Sealed under the enquiry or the case.
    grounds {blob},
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX decisions_by_enquiry ON decisions (enquiry_id);
CREATE INDEX decisions_by_case ON decisions (case_id);
