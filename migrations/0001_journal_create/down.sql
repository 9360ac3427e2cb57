DROP TABLE journal;
DROP TABLE journal_cuts;
DROP TABLE journal_acts;
