DROP TABLE session_changes;
DROP TABLE change_reasons;
DROP TABLE session_change_kinds;
