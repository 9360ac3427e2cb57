DROP TABLE session_log_numbers;
