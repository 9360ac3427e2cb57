DROP INDEX journal_cuts_confirmed;
CREATE INDEX journal_cuts_by_moment ON journal_cuts (before_at);
