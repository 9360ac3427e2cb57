-- One mentor or coach for one course, dated from-to, with both sides' answers.
{vocabulary match_states proposed refused expired running ended}
{vocabulary match_end_reasons course_ended handed_over staff_left person_wish staff_wish loan_ended other}
{vocabulary rhythms weekly every_second_week monthly}
CREATE TABLE matches (
    id {uuid} PRIMARY KEY,
    course_id {uuid} NOT NULL REFERENCES courses,
    case_id {uuid} NOT NULL REFERENCES cases,
    person_id {uuid} NOT NULL REFERENCES people,
    staff_id {uuid} NOT NULL REFERENCES staff,
    track {text} NOT NULL REFERENCES tracks,
    state {text} NOT NULL REFERENCES match_states,
    proposed_at {time} NOT NULL,
    proposed_by {uuid} NOT NULL,
    expires_at {time} NOT NULL,
    -- Sealed under the person: the criteria shown at the time, the coordinator's sentence, both sides' reasons.
    criteria {blob} NOT NULL,
    staff_answer {bool},
    staff_answered_at {time},
    person_answer {bool},
    person_answered_at {time},
    first_meeting_at {time},
    starts_at {time},
    ended_at {time},
    ended_recorded_at {time},
    end_reason {text} REFERENCES match_end_reasons,
    rhythm {text} NOT NULL REFERENCES rhythms,
    -- 1 Monday … 7 Sunday, and minutes after midnight, local time; null: not agreed yet.
    weekday {int},
    at_min {int},
    length_min {int} NOT NULL,
    place_code {text},
    expected_end_on {date} NOT NULL,
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX matches_by_course ON matches (course_id);
CREATE INDEX matches_by_staff ON matches (staff_id, state);
CREATE INDEX matches_by_case ON matches (case_id);
-- Two live proposals for one place cannot both win.
CREATE UNIQUE INDEX matches_one_running ON matches (course_id) WHERE state = 'running';
