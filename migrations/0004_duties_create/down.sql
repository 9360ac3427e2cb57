DROP TABLE duties;
DROP TABLE duty_states;
DROP TABLE duty_kinds;
