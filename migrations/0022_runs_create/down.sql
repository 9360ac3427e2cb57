DROP TABLE matching_run_lines;
DROP TABLE matching_runs;
DROP TABLE run_states;
