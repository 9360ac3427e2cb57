ALTER TABLE journal_calls ADD COLUMN subjects_of {bigint} REFERENCES journal_calls;
ALTER TABLE journal_calls DISABLE TRIGGER journal_calls_no_change;
UPDATE journal_calls SET subjects_of = id;
ALTER TABLE journal_calls ENABLE TRIGGER journal_calls_no_change;
ALTER TABLE journal_calls ALTER COLUMN subjects_of SET NOT NULL;
CREATE INDEX journal_by_holder ON journal_calls (subjects_of);
-- A line for each subject of each call, to be read.
CREATE VIEW journal AS
SELECT id, at, request, actor, account_id, device_id, act, operation, purpose, subject_kind, subject_id
FROM journal_subjects JOIN journal_calls ON subjects_of = call_id;
