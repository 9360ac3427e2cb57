-- A clock that is wrong for a moment cuts nothing. The months that the journal is kept are counted from a call that an account made at least a
-- week before the cut, the last to be written of those: what was called by a clock that jumped ahead is not a week old by that clock, and is not
-- the last any more when it jumps again. What the tick did by itself is no witness: it goes by the same clock, though nobody works. A border that
-- an earlier version drew says of no such call, and lets nothing go.
ALTER TABLE journal_cuts ADD COLUMN counted_from {time};
DROP INDEX journal_cuts_by_moment;
CREATE INDEX journal_cuts_confirmed ON journal_cuts (before_at) WHERE counted_from IS NOT NULL;
