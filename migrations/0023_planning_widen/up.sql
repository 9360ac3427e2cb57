-- A series asks the rules that planning asks: what stands in a date's way may be more than a holiday, leave, consent or another meeting.
INSERT INTO gap_reasons (code) VALUES
    ('not_in_service'), ('outside_hours'), ('never'), ('buffer'), ('day_limit'), ('week_limit'), ('notice');
-- Of a session that was only proposed nobody is told, whatever becomes of it.
INSERT INTO tellings (code) VALUES ('nobody');
UPDATE sessions SET telling = 'nobody' WHERE state = 'proposed';
