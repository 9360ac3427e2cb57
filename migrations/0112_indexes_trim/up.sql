-- Two indexes less to write: the promises of a match lie among those of its case, and messages of a case are found by the people who are met in it.
DROP INDEX duties_by_match;
DROP INDEX messages_by_case;
