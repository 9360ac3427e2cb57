CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    at {time} NOT NULL,
    request {text} NOT NULL,
    actor {text} NOT NULL,
    account_id {uuid},
    device_id {uuid},
    act {text} NOT NULL REFERENCES journal_acts,
    operation {text} NOT NULL,
    purpose {text} NOT NULL,
    subject_kind {text} NOT NULL,
    subject_id {uuid}
) {strict};
INSERT INTO journal (at, request, actor, account_id, device_id, act, operation, purpose, subject_kind, subject_id)
SELECT at, request, actor, account_id, device_id, act, operation, purpose, subject_kind, subject_id
FROM journal_subjects JOIN journal_calls ON id = call_id ORDER BY call_id, subject_kind, subject_id;
DROP TABLE journal_subjects;
DROP TABLE journal_calls;
CREATE INDEX journal_by_subject ON journal (subject_id, at);
CREATE INDEX journal_by_account ON journal (account_id, at);
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
WHEN OLD.at >= coalesce((SELECT max(before_at) FROM journal_cuts), OLD.at)
BEGIN SELECT RAISE(ABORT, 'journal_append_only'); END;
