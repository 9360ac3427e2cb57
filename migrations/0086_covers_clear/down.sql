-- Nobody covers it: there is nothing to bring back.
SELECT 1;
