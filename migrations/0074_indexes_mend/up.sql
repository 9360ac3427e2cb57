-- What is written with each session of a year at once, and asked for by nobody who cannot find it otherwise: the sessions of a course are those of its
-- matches; messages in every state are those in each.
DROP INDEX sessions_by_course;
DROP INDEX messages_by_time;
