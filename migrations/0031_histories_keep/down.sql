DROP INDEX journal_cuts_by_moment;
UPDATE relations SET cause_id = subject_id WHERE kind = 'bar' AND subject_kind = 'enquiry' AND cause_id = id;
