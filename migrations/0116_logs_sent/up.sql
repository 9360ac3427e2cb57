-- The numbers that somebody gave what they sent of a log, each that was their highest by then. Others' corrections are numbered, too, so that a version may be
-- stored under a higher one than its writer gave it, and what says only what stands is no version: what is late is told by these.
CREATE TABLE session_log_numbers (
    log_id {uuid} NOT NULL REFERENCES session_logs,
    account_id {uuid} NOT NULL REFERENCES accounts,
    revision {int} NOT NULL,
    PRIMARY KEY (log_id, account_id, revision)
) {strict};
-- Of what came before nobody wrote it down: then it is the one that it is stored under.
INSERT INTO session_log_numbers (log_id, account_id, revision)
    SELECT id, recorded_by, revision FROM session_logs
    UNION SELECT log_id, recorded_by, revision FROM session_log_versions;
