-- That a leave is decided is promised for each match in it: one promise for all told whoever may not see some of them that there are more. Those
-- that were kept tell it, too. Those of the leaves that are still to come are written anew by the next change of a session, and by the next night.
DELETE FROM duties WHERE kind = 'undecided_leave';
