-- Who moved or cancelled a session and why: append-only, since a session that is moved again or takes place after all forgets it.
{vocabulary session_change_kinds moved cancelled confirmed restored}
{vocabulary change_reasons illness school work family transport holiday forgotten unwilling unit other}
CREATE TABLE session_changes (
    session_id {uuid} NOT NULL REFERENCES sessions,
    -- The session's before the change: which came first is not for clocks to say.
    version {bigint} NOT NULL,
    kind {text} NOT NULL REFERENCES session_change_kinds,
    -- Whose side wished it; null: not said.
    by_side {text} REFERENCES sides,
    reason {text} REFERENCES change_reasons,
    -- Its time before the change.
    starts_at {time} NOT NULL,
    ends_at {time} NOT NULL,
    -- Shortly before it would have begun.
    late {bool} NOT NULL,
    happened_at {time} NOT NULL,
    recorded_at {time} NOT NULL,
    -- Null: nobody at hand.
    recorded_by {uuid},
    PRIMARY KEY (session_id, version)
) {strict};
