-- Whoever opens the same page again within a quarter of an hour is written down again, and what the page was about is not: the call says
-- which earlier one holds that, or itself.
DROP VIEW journal;
