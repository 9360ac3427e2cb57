DROP TABLE matches;
DROP TABLE rhythms;
DROP TABLE match_end_reasons;
DROP TABLE match_states;
