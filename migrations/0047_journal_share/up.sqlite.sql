CREATE TABLE called (
    id {bigint} PRIMARY KEY NOT NULL,
    at {time} NOT NULL,
    request {text} NOT NULL,
    actor {text} NOT NULL,
    account_id {uuid},
    device_id {uuid},
    operation {text} NOT NULL,
    purpose {text} NOT NULL,
    subjects_of {bigint} NOT NULL REFERENCES called
) {strict};
CREATE TABLE named (
    call_id {bigint} NOT NULL REFERENCES called,
    subject_kind {text_c} NOT NULL,
    subject_id {uuid} NOT NULL,
    act {text} NOT NULL REFERENCES journal_acts,
    PRIMARY KEY (call_id, subject_kind, subject_id)
) {strict_keyed};
INSERT INTO called SELECT id, at, request, actor, account_id, device_id, operation, purpose, id FROM journal_calls;
INSERT INTO named SELECT call_id, subject_kind, subject_id, act FROM journal_subjects;
DROP TABLE journal_subjects;
DROP TABLE journal_calls;
ALTER TABLE called RENAME TO journal_calls;
ALTER TABLE named RENAME TO journal_subjects;
CREATE INDEX journal_by_subject ON journal_subjects (subject_id, call_id) WHERE subject_kind IN ('person', 'enquiry');
CREATE INDEX journal_by_holder ON journal_calls (subjects_of);
CREATE TRIGGER journal_calls_no_update BEFORE UPDATE ON journal_calls BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
CREATE TRIGGER journal_calls_no_delete BEFORE DELETE ON journal_calls
WHEN OLD.at >= coalesce((SELECT max(before_at) FROM journal_cuts), OLD.at)
BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
CREATE TRIGGER journal_subjects_no_update BEFORE UPDATE ON journal_subjects BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
CREATE TRIGGER journal_subjects_no_delete BEFORE DELETE ON journal_subjects
WHEN NOT EXISTS (SELECT 1 FROM journal_calls WHERE id = OLD.call_id AND at < (SELECT max(before_at) FROM journal_cuts))
BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
-- A line for each subject of each call, to be read.
CREATE VIEW journal AS
SELECT id, at, request, actor, account_id, device_id, act, operation, purpose, subject_kind, subject_id
FROM journal_subjects JOIN journal_calls ON subjects_of = call_id;
