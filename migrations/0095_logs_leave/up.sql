-- A log that turned out to be about another session may have left the former one as it had said, where its writer had no say in that any more. Until
-- somebody decides on that session the log lies in the tray, whatever its writer sends: so it is kept which session it is.
ALTER TABLE session_logs ADD COLUMN left_session_id {uuid} REFERENCES sessions;
