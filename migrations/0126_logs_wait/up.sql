-- Whether the next appointment that a log names is not planned yet: then a version that names it again has it planned where it can be by now, and says
-- what stands in its way. One that was planned, and moved or cancelled since, does not wait, though nothing stands at its time any more.
ALTER TABLE session_logs ADD COLUMN next_waits {bool} NOT NULL DEFAULT FALSE;
