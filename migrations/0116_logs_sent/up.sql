-- The numbers that somebody gave what they sent of a log, each that was their highest by then. Others' corrections are numbered, too, so that a version may be
-- stored under a higher one than its writer gave it, and what says only what stands is no version: what is late is told by these.
CREATE TABLE session_log_numbers (
    log_id {uuid} NOT NULL REFERENCES session_logs,
    account_id {uuid} NOT NULL REFERENCES accounts,
    revision {int} NOT NULL,
    PRIMARY KEY (log_id, account_id, revision)
) {strict};
-- Of what came before nobody wrote it down: then it is the one that it is stored under, for the log's writer, who numbers what they send.
INSERT INTO session_log_numbers (log_id, account_id, revision)
    SELECT id, recorded_by, revision FROM session_logs WHERE recorded_by = writer_id
    UNION SELECT log_id, v.recorded_by, v.revision FROM session_log_versions v JOIN session_logs l ON l.id = log_id AND v.recorded_by = writer_id;
