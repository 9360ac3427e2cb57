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
    next_try_at {time} NOT NULL,
    attempts {int} NOT NULL,
    lease_until {time},
    lease_token {uuid},
    -- Sealed under the recipient: address and text as they went out; stored before it is sent.
    prepared {blob},
    -- Why it is as it is: a code, e.g. session_moved, no_messages, target_gone, provider_refused.
    reason {text},
    reference {text},
    planned_at {time} NOT NULL,
    settled_at {time},
    version {bigint} NOT NULL
) {strict};
CREATE INDEX messages_due ON messages (next_try_at) WHERE state IN ('waiting', 'leased');
CREATE INDEX messages_by_subject ON messages (subject_id);
CREATE INDEX messages_by_recipient ON messages (recipient_id, planned_at);
CREATE INDEX messages_by_case ON messages (case_id) WHERE case_id IS NOT NULL;
-- One waiting message of an identity at a time: a second plan of the same collides.
CREATE UNIQUE INDEX messages_one_waiting ON messages (subject_id, recipient_id, kind, slot) WHERE state IN ('waiting', 'leased');
