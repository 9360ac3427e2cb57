-- The outbox: whatever must leave the building is a row with the moment before which it must not go
-- and the moment after which it is useless.
{vocabulary message_kinds appointment appointment_moved appointment_cancelled duties_late}
{vocabulary message_states waiting leased accepted refused unknown too_late retracted}
{vocabulary channels email push sms}
CREATE TABLE messages (
    id {uuid} PRIMARY KEY,
    kind {text} NOT NULL REFERENCES message_kinds,
    state {text} NOT NULL REFERENCES message_states,
    -- Who it is for: a person met, or an account of the house.
    recipient_kind {text} NOT NULL,
    recipient_id {uuid} NOT NULL,
    -- For push to an account: the device.
    device_id {uuid} REFERENCES devices,
    channel {text} NOT NULL REFERENCES channels,
    -- What it is about, and which of that thing's messages it is (its fixed identity, so that planning twice is planning once).
    subject_kind {text} NOT NULL,
    subject_id {uuid} NOT NULL,
    slot {text_c} NOT NULL,
    case_id {uuid},
    person_id {uuid},
    -- The day and time that the text tells, where it tells one.
    about_at {time},
    language {text} NOT NULL,
    not_before_at {time} NOT NULL,
    not_after_at {time} NOT NULL,
    -- From when a sender may take it: while one has it, the end of its lease. Null once it came to its end.
    next_try_at {time},
    attempts {int} NOT NULL,
    -- Whose it is, or was last: kept when it is retracted under way, so that its sender can still say that it left.
    lease_token {uuid},
    -- Sealed under the recipient: address and text as they went out; stored before it is sent. While the message is open: it may have
    -- left, and nobody knows.
    prepared {blob},
    -- Why it is as it is: a code, e.g. moved, no_address, target_gone.
    reason {text},
    reference {text},
    planned_at {time} NOT NULL,
    settled_at {time},
    version {bigint} NOT NULL
) {strict};
-- With the id: thousands may be due at one moment, and are taken a batch at a time.
CREATE INDEX messages_due ON messages (next_try_at, id) WHERE next_try_at IS NOT NULL;
CREATE INDEX messages_by_subject ON messages (subject_id);
CREATE INDEX messages_by_recipient ON messages (recipient_id, planned_at);
CREATE INDEX messages_by_case ON messages (case_id) WHERE case_id IS NOT NULL;
-- One waiting message of an identity at a time: a second plan of the same collides.
CREATE UNIQUE INDEX messages_one_waiting ON messages (subject_id, recipient_id, kind, slot) WHERE state IN ('waiting', 'leased');
-- What the tick remembers: the nights on which everything open was planned anew, and whose work that is until when.
CREATE TABLE nights (
    on_date {date} PRIMARY KEY NOT NULL,
    lease_until {time} NOT NULL,
    lease_token {uuid} NOT NULL,
    done_at {time}
) {strict};
