-- A promise is found by what made it through its identity, which begins with that now: one tree less to write. The others need no id at their end:
-- promises due at one moment are few, and sorted when they are asked for.
DROP INDEX duties_by_subject;
DROP INDEX duties_by_due;
DROP INDEX duties_by_case;
DROP INDEX duties_by_person;
DROP INDEX duties_by_match;
DROP INDEX duties_by_enquiry;
DROP INDEX duties_by_owner;
