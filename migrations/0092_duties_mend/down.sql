DROP INDEX duties_by_due;
DROP INDEX duties_by_case;
DROP INDEX duties_by_person;
DROP INDEX duties_by_match;
DROP INDEX duties_by_enquiry;
DROP INDEX duties_by_owner;
