-- The best set of pairs for everybody who waits, as it was found (domain section 8): a draft until a pair of it is proposed.
{vocabulary run_states draft adopted}
CREATE TABLE matching_runs (
    id {uuid} PRIMARY KEY NOT NULL,
    state {text_c} NOT NULL REFERENCES run_states,
    created_by {uuid} NOT NULL REFERENCES accounts,
    recorded_at {time} NOT NULL,
    adopted_at {time},
    waiting {bigint} NOT NULL,
    places {bigint} NOT NULL,
    matched {bigint} NOT NULL,
    total {bigint} NOT NULL,
    weights_version {bigint} NOT NULL,
    -- Of all that the set was found from.
    facts_hash {blob} NOT NULL,
    -- What a coordinator insisted on: ids only, as JSON.
    terms {text} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX matching_runs_by_time ON matching_runs (recorded_at, id);
CREATE INDEX matching_runs_adopted ON matching_runs (adopted_at);
-- Everybody who waited, whoever waited longest first; without a member of staff: nobody.
CREATE TABLE matching_run_lines (
    run_id {uuid} NOT NULL REFERENCES matching_runs,
    place {int} NOT NULL,
    course_id {uuid} NOT NULL REFERENCES courses,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    waiting_since {time} NOT NULL,
    staff_id {uuid} REFERENCES staff,
    points {bigint} NOT NULL,
    claim {bigint} NOT NULL,
    bonus {bigint} NOT NULL,
    is_pinned {bool} NOT NULL,
    same_family {bool} NOT NULL,
    -- The proposal that was made of it.
    match_id {uuid} REFERENCES matches,
    -- Sealed under the person: how the member of staff ranked, or why there is none.
    detail {blob} NOT NULL,
    PRIMARY KEY (run_id, place)
) {strict};
CREATE UNIQUE INDEX matching_run_lines_once ON matching_run_lines (run_id, course_id);
CREATE INDEX matching_run_lines_by_person ON matching_run_lines (person_id);
