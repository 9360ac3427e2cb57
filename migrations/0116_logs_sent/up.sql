-- The number that its writer gave a version of a log. Others' corrections are numbered, too, so that it may be stored under a higher one: what is late is
-- told by what its own writer sent. NULL: they gave it none, or, of a version from before, nobody wrote it down; then it is the one it is stored under.
ALTER TABLE session_logs ADD COLUMN sent_revision {int};
ALTER TABLE session_log_versions ADD COLUMN sent_revision {int};
