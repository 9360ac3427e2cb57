-- What a version of a log asks for: what a coordinator has to look at beside what stands is found by it, as a log is by its own. Null: kept before, nobody
-- knows without opening it.
ALTER TABLE session_log_versions ADD COLUMN wants_supervision {bool};
ALTER TABLE session_log_versions ADD COLUMN welfare_report {bool};
