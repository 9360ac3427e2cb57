DROP TABLE alerts;
DROP TABLE case_people;
DROP TABLE cases;
DROP TABLE alert_kinds;
DROP TABLE close_reasons;
DROP TABLE case_roles;
DROP TABLE case_states;
