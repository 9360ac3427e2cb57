CREATE TABLE journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
);
INSERT INTO journal (at, request, actor, account_id, device_id, act, operation, purpose, subject_kind, subject_id)
SELECT at, request, actor, account_id, device_id, act, operation, purpose, subject_kind, subject_id
FROM journal_subjects JOIN journal_calls ON id = call_id ORDER BY call_id, subject_kind, subject_id;
DROP TABLE journal_subjects;
DROP TABLE journal_calls;
CREATE INDEX journal_by_subject ON journal (subject_id, at);
CREATE INDEX journal_by_account ON journal (account_id, at);
CREATE OR REPLACE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'journal' THEN
        IF OLD.at < (SELECT max(before_at) FROM journal_cuts) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'journal_append_only';
END $body$;
CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION journal_append_only();
CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only();
