-- Two indexes of promises less to write: those of a match lie among the promises of its case, and those of a subject are found by kind and subject,
-- which are the first of what each is told apart by.
DROP INDEX duties_by_match;
DROP INDEX duties_by_subject;

-- And one of messages: those of a case are found by the people who are met in it.
DROP INDEX messages_by_case;
