DROP TABLE custody;
DROP TABLE people;
DROP TABLE person_kinds;
