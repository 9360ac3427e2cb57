DROP TABLE contact_notes;
DROP TABLE followups;
DROP TABLE note_outcomes;
DROP TABLE note_kinds;
DROP TABLE activities;
DROP TABLE answers;
DROP TABLE followup_kinds;
