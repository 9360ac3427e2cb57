-- A running match whose mentor may not see it any more is promised to the unit.
INSERT INTO duty_kinds (code) VALUES ('unseen_match');
