-- Who looked up or changed what, when and for which purpose (domain section 7.3). The table itself is in the
-- engines' own files: its key counts up, since entries are only ever added at the end.
{vocabulary journal_acts read change miss refused sign_in}
-- The one lawful delete: entries older than the latest cut (13 months by default) may be removed.
CREATE TABLE journal_cuts (
    id {uuid} PRIMARY KEY,
    before_at {time} NOT NULL,
    made_at {time} NOT NULL
) {strict};
