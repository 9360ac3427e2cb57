ALTER TABLE journal_calls DROP COLUMN subjects_of;
CREATE VIEW journal AS
SELECT id, at, request, actor, account_id, device_id, act, operation, purpose, subject_kind, subject_id
FROM journal_subjects JOIN journal_calls ON id = call_id;
