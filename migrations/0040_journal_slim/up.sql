-- An entry of the journal is a call, written once, and what it was about, a small row each: a page of fifty names costs fifty of those and no
-- more. Who stands in the officer's questions (persons, enquiries) is found by an index; the rest only with its call.
CREATE TABLE journal_calls (
    id {bigint} PRIMARY KEY NOT NULL,
    at {time} NOT NULL,
    request {text} NOT NULL,
    actor {text} NOT NULL,
    account_id {uuid},
    device_id {uuid},
    operation {text} NOT NULL,
    purpose {text} NOT NULL
) {strict};
CREATE TABLE journal_subjects (
    call_id {bigint} NOT NULL REFERENCES journal_calls,
    subject_kind {text_c} NOT NULL,
    subject_id {uuid} NOT NULL,
    act {text} NOT NULL REFERENCES journal_acts,
    PRIMARY KEY (call_id, subject_kind, subject_id)
) {strict_keyed};
INSERT INTO journal_calls SELECT id, at, request, actor, account_id, device_id, operation, purpose FROM journal WHERE subject_id IS NOT NULL;
INSERT INTO journal_subjects SELECT id, subject_kind, subject_id, act FROM journal WHERE subject_id IS NOT NULL;
DROP TABLE journal;
CREATE INDEX journal_by_subject ON journal_subjects (subject_id, call_id) WHERE subject_kind IN ('person', 'enquiry');
-- A line for each subject, to be read.
CREATE VIEW journal AS
SELECT id, at, request, actor, account_id, device_id, act, operation, purpose, subject_kind, subject_id
FROM journal_subjects JOIN journal_calls ON id = call_id;
