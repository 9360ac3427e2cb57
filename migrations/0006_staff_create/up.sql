-- Mentors, parent coaches, coordinators and supervisors as members of staff; leave.
{vocabulary certificate_kinds child_protection qualification_under_15 qualification_adults}
{vocabulary leave_kinds holiday illness parental other}
CREATE TABLE staff (
    id {uuid} PRIMARY KEY,
    account_id {uuid} UNIQUE REFERENCES accounts,
    -- Sealed under the member of staff.
    name {blob} NOT NULL,
    mentor {bool} NOT NULL,
    parent_coach {bool} NOT NULL,
    coordinator {bool} NOT NULL,
    supervisor {bool} NOT NULL,
    -- Home municipality; a loan from another one ends by itself.
    municipality {text} NOT NULL,
    loan_until_on {date},
    -- Matches at a time.
    capacity {int} NOT NULL,
    from_on {date} NOT NULL,
    left_on {date},
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE TABLE staff_languages (
    staff_id {uuid} NOT NULL REFERENCES staff,
    language {text_c} NOT NULL,
    PRIMARY KEY (staff_id, language)
) {strict};
CREATE TABLE staff_certificates (
    id {uuid} PRIMARY KEY,
    staff_id {uuid} NOT NULL REFERENCES staff,
    kind {text} NOT NULL REFERENCES certificate_kinds,
    issued_on {date} NOT NULL,
    valid_until_on {date}
) {strict};
CREATE INDEX staff_certificates_by_staff ON staff_certificates (staff_id);
CREATE TABLE staff_leaves (
    id {uuid} PRIMARY KEY,
    staff_id {uuid} NOT NULL REFERENCES staff,
    kind {text} NOT NULL REFERENCES leave_kinds,
    from_on {date} NOT NULL,
    -- The last day of the leave.
    until_on {date} NOT NULL,
    recorded_at {time} NOT NULL
) {strict};
CREATE INDEX staff_leaves_by_staff ON staff_leaves (staff_id, until_on);
