-- When members of staff work and when people wish to meet (leave stands with the staff).
{vocabulary exception_effects more less}
{vocabulary parts_of_week mornings after_school evenings weekends}
CREATE TABLE staff_hours (
    staff_id {uuid} PRIMARY KEY REFERENCES staff,
    -- Null: the programme's zone, whatever it is.
    zone {text},
    -- False: only exceptions are known, no weekly hours; which is not the same as none.
    stated {bool} NOT NULL,
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
-- 1 Monday … 7 Sunday, minutes after local midnight; 1440 is the end of the day.
CREATE TABLE staff_week (
    staff_id {uuid} NOT NULL REFERENCES staff_hours,
    weekday {int} NOT NULL,
    from_min {int} NOT NULL,
    until_min {int} NOT NULL,
    PRIMARY KEY (staff_id, weekday, from_min)
) {strict};
-- More or fewer hours on one date; on one date no two of a member of staff overlap.
CREATE TABLE staff_exceptions (
    id {uuid} PRIMARY KEY,
    staff_id {uuid} NOT NULL REFERENCES staff_hours,
    effect {text} NOT NULL REFERENCES exception_effects,
    happens_on {date} NOT NULL,
    from_min {int} NOT NULL,
    until_min {int} NOT NULL,
    recorded_at {time} NOT NULL
) {strict};
CREATE INDEX staff_exceptions_by_staff ON staff_exceptions (staff_id, happens_on);
-- People met: times they wish for, and times that are never possible; the programme's zone.
CREATE TABLE person_times (
    person_id {uuid} PRIMARY KEY REFERENCES people,
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE TABLE person_parts (
    person_id {uuid} NOT NULL REFERENCES person_times,
    part {text_c} NOT NULL REFERENCES parts_of_week,
    PRIMARY KEY (person_id, part)
) {strict};
CREATE TABLE person_week (
    person_id {uuid} NOT NULL REFERENCES person_times,
    -- True: wished for; false: never possible.
    wished {bool} NOT NULL,
    weekday {int} NOT NULL,
    from_min {int} NOT NULL,
    until_min {int} NOT NULL,
    PRIMARY KEY (person_id, wished, weekday, from_min)
) {strict};
