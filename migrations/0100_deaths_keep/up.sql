-- How far an offer or a course was when a death was recorded that took it: taken back, it is so again. Null where none did, and of deaths that were
-- recorded before.
ALTER TABLE offers ADD COLUMN before_death {text} REFERENCES offer_states;
ALTER TABLE courses ADD COLUMN before_death {text} REFERENCES course_states;
