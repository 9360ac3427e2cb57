-- A session belongs to one match, and so do its case and its series: what is asked for by these is found by the match. Each index less is some
-- pages less to write when a year of sessions is planned.
DROP INDEX sessions_by_case;
DROP INDEX sessions_by_series;
