-- What an account's own calendar is told: a secret feed, invitations by mail, both off until it switches them on.
CREATE TABLE calendars (
    account_id {uuid} PRIMARY KEY NOT NULL REFERENCES accounts,
    -- Of the secret in the feed's address; null: there is no feed.
    feed_hash {blob},
    feed_made_at {time},
    invitations {bool} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE UNIQUE INDEX calendars_feed ON calendars (feed_hash) WHERE feed_hash IS NOT NULL;
-- What was last said of a session in an invitation: kept for life, so that the next word has a higher number. Sessions nobody was ever
-- invited to have none.
CREATE TABLE calendar_entries (
    session_id {uuid} PRIMARY KEY NOT NULL REFERENCES sessions,
    -- In whose calendar it stands; null: taken out.
    account_id {uuid} REFERENCES accounts,
    -- SEQUENCE of iCalendar.
    sequence {int} NOT NULL,
    starts_at {time} NOT NULL,
    ends_at {time} NOT NULL,
    changed_at {time} NOT NULL
) {strict};
CREATE INDEX calendar_entries_by_account ON calendar_entries (account_id) WHERE account_id IS NOT NULL;
INSERT INTO message_kinds (code) VALUES ('invitation'), ('invitation_cancelled');
