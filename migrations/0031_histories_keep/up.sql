-- A bar that was entered at intake is a bar like any other: the cause of all that it covers.
UPDATE relations SET cause_id = id WHERE kind = 'bar' AND subject_kind = 'enquiry' AND cause_id = subject_id;
-- From where the journal is kept now is asked for each entry that goes.
CREATE INDEX journal_cuts_by_moment ON journal_cuts (before_at);
