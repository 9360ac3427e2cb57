-- A leave with sessions that nobody has decided about is promised to be decided before the first of them.
INSERT INTO duty_kinds (code) VALUES ('undecided_leave');
