-- Accounts, sign-ins and the relations from which rights come (domain section 6).
{vocabulary roles coordinator mentor parent_coach supervisor partner manager data_protection_officer}
{vocabulary device_kinds phone desk}
{vocabulary relation_kinds runs covers supervises bar}
{vocabulary agency_kinds social_services school ssp police probation psychiatry housing other}
CREATE TABLE agencies (
    id {uuid} PRIMARY KEY,
    name {text} NOT NULL,
    kind {text} NOT NULL REFERENCES agency_kinds,
    version {bigint} NOT NULL,
    recorded_at {time} NOT NULL
) {strict};
CREATE TABLE accounts (
    id {uuid} PRIMARY KEY,
    -- What is typed at sign-in, lower case; unique.
    name {text_c} NOT NULL UNIQUE,
    password_hash {text} NOT NULL,
    -- Sealed under the account: the name shown to colleagues, mail address for the account's own messages.
    profile {blob} NOT NULL,
    language {text} NOT NULL,
    agency_id {uuid} REFERENCES agencies,
    disabled_at {time},
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE TABLE account_roles (
    id {uuid} PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES accounts,
    role {text} NOT NULL REFERENCES roles,
    from_at {time} NOT NULL,
    until_at {time}
) {strict};
CREATE INDEX account_roles_by_account ON account_roles (account_id);
CREATE TABLE devices (
    id {uuid} PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES accounts,
    kind {text} NOT NULL REFERENCES device_kinds,
    label {text} NOT NULL,
    -- Sealed under the account: where a push for this device goes.
    push_target {blob},
    signed_in_at {time} NOT NULL,
    seen_at {time} NOT NULL,
    -- The end of the sign-in, however often it is refreshed.
    ends_at {time} NOT NULL,
    signed_out_at {time},
    signed_out_why {text},
    version {bigint} NOT NULL
) {strict};
CREATE INDEX devices_by_account ON devices (account_id);
-- Only hashes are stored; the token itself is known to the device alone.
CREATE TABLE access_tokens (
    hash {blob} PRIMARY KEY,
    device_id {uuid} NOT NULL REFERENCES devices,
    expires_at {time} NOT NULL
) {strict};
CREATE INDEX access_tokens_by_device ON access_tokens (device_id);
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);
CREATE TABLE refresh_tokens (
    hash {blob} PRIMARY KEY,
    device_id {uuid} NOT NULL REFERENCES devices,
    made_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    -- Set at the first use; a repeat inside 24 hours is answered anew until a token made from it has been used.
    used_at {time},
    parent_hash {blob},
    -- The first use of a token made from this one: from then a repeat of this one is a theft.
    child_used_at {time}
) {strict};
CREATE INDEX refresh_tokens_by_device ON refresh_tokens (device_id);
-- Failed sign-ins by hashed key (account name or source address).
CREATE TABLE throttles (
    key_hash {blob} PRIMARY KEY,
    failures {int} NOT NULL,
    first_at {time} NOT NULL,
    locked_until {time}
) {strict};
-- Dated facts and bars, granted and ended by the rooms that make the facts.
CREATE TABLE relations (
    id {uuid} PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES accounts,
    kind {text} NOT NULL REFERENCES relation_kinds,
    subject_kind {text} NOT NULL,
    subject_id {uuid} NOT NULL,
    from_at {time} NOT NULL,
    -- Null: not ended. Reading asks for today, writing a log for the session's date.
    until_at {time},
    cause {text} NOT NULL,
    cause_id {uuid}
) {strict};
CREATE INDEX relations_by_subject ON relations (subject_id, account_id, kind);
CREATE INDEX relations_by_account ON relations (account_id, kind, until_at);
CREATE TABLE idempotency_keys (
    account_id {uuid} NOT NULL REFERENCES accounts,
    operation {text_c} NOT NULL,
    key {text_c} NOT NULL,
    request_hash {blob} NOT NULL,
    status {int} NOT NULL,
    -- The id of what the call made or changed: a replay renders it anew under today's rights. No body is stored.
    result_id {uuid},
    made_at {time} NOT NULL,
    PRIMARY KEY (account_id, operation, key)
) {strict};
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (made_at);
