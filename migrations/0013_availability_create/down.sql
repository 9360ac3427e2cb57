DROP TABLE person_week;
DROP TABLE person_parts;
DROP TABLE person_times;
DROP TABLE staff_exceptions;
DROP TABLE staff_week;
DROP TABLE staff_hours;
DROP TABLE parts_of_week;
DROP TABLE exception_effects;
