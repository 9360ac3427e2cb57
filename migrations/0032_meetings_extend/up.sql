-- The first joint meeting of a pair is promised to whoever introduces them.
INSERT INTO duty_kinds (code) VALUES ('first_meeting');
