-- One promise for each leave is written anew as the many were.
DELETE FROM duties WHERE kind = 'undecided_leave';
