-- A course that counts as gone through, and in which nothing was held by its logs, is promised to be put right.
INSERT INTO duty_kinds (code) VALUES ('end_in_doubt');
