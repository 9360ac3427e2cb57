-- What ranks a member of staff for a match, and what a person wishes for one: closed lists, without religion, politics, ethnicity or
-- health (domain sections 5 and 8).
{vocabulary genders woman man other}
{vocabulary interests football ball_games fitness martial_arts water outdoors wheels gaming board_games music dance film reading arts building motors technology cooking animals fashion knowledge enterprise volunteering}
{vocabulary dislikes early_mornings lateness changed_plans fixed_plans noise crowds sitting_still small_talk phone_calls competition losing being_told gossip showing_off mess bad_weather}
{vocabulary core_values honesty humour loyalty fairness calm independence togetherness helpfulness perseverance curiosity creativity order courage kindness responsibility}
CREATE TABLE staff_profiles (
    staff_id {uuid} PRIMARY KEY REFERENCES staff,
    gender {text} REFERENCES genders,
    -- A code of the settings, and how far they go from its centre.
    district {text},
    travel_limit_km {int},
    -- Sealed under the member of staff: whom they would rather meet.
    prefers {blob} NOT NULL
) {strict};
CREATE TABLE staff_interests (
    staff_id {uuid} NOT NULL REFERENCES staff_profiles,
    interest {text_c} NOT NULL REFERENCES interests,
    PRIMARY KEY (staff_id, interest)
) {strict};
CREATE TABLE staff_dislikes (
    staff_id {uuid} NOT NULL REFERENCES staff_profiles,
    dislike {text_c} NOT NULL REFERENCES dislikes,
    PRIMARY KEY (staff_id, dislike)
) {strict};
CREATE TABLE staff_values (
    staff_id {uuid} NOT NULL REFERENCES staff_profiles,
    core_value {text_c} NOT NULL REFERENCES core_values,
    PRIMARY KEY (staff_id, core_value)
) {strict};
-- What the person of a course wishes of a match; counted up with each change, of the vetoes too.
CREATE TABLE wishes (
    course_id {uuid} PRIMARY KEY REFERENCES courses,
    person_id {uuid} NOT NULL REFERENCES people,
    -- The gender that the mentor or coach must have.
    gender {text} REFERENCES genders,
    -- Both empty for a protected address.
    district {text},
    travel_limit_km {int},
    -- Sealed under the person: their own words.
    words {blob} NOT NULL,
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX wishes_by_person ON wishes (person_id);
-- Any of these will do; none: the language of the person's messages.
CREATE TABLE wish_languages (
    course_id {uuid} NOT NULL REFERENCES wishes,
    language {text_c} NOT NULL,
    PRIMARY KEY (course_id, language)
) {strict};
CREATE TABLE wish_interests (
    course_id {uuid} NOT NULL REFERENCES wishes,
    interest {text_c} NOT NULL REFERENCES interests,
    PRIMARY KEY (course_id, interest)
) {strict};
CREATE TABLE wish_dislikes (
    course_id {uuid} NOT NULL REFERENCES wishes,
    dislike {text_c} NOT NULL REFERENCES dislikes,
    PRIMARY KEY (course_id, dislike)
) {strict};
CREATE TABLE wish_values (
    course_id {uuid} NOT NULL REFERENCES wishes,
    core_value {text_c} NOT NULL REFERENCES core_values,
    PRIMARY KEY (course_id, core_value)
) {strict};
-- Who of the two will not be matched with the other.
CREATE TABLE match_vetoes (
    course_id {uuid} NOT NULL REFERENCES wishes,
    staff_id {uuid} NOT NULL REFERENCES staff,
    by_person {bool} NOT NULL,
    by_staff {bool} NOT NULL,
    PRIMARY KEY (course_id, staff_id)
) {strict};
