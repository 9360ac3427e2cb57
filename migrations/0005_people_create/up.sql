-- Young people, parents and other relatives; who holds custody; how each may safely be reached (domain sections 3 and 7.2).
{vocabulary person_kinds young_person parent relative}
CREATE TABLE people (
    id {uuid} PRIMARY KEY,
    kind {text} NOT NULL REFERENCES person_kinds,
    -- Sealed under the person: given and family name.
    name {blob} NOT NULL,
    -- Sealed: the civil registration number; and its keyed hash for look-up (the key is never in the database).
    registration {blob},
    registration_hash {blob} UNIQUE,
    -- Sealed: safe contact (channel, number or address, hours, may a message be left).
    contact {blob} NOT NULL,
    -- Sealed: practical warnings that whoever meets the person must know.
    warnings {blob} NOT NULL,
    born_on {date},
    language {text} NOT NULL,
    protected_address {bool} NOT NULL,
    -- For a child under 15: the one custody holder who gets the child's reminders.
    recipient_id {uuid} REFERENCES people,
    died_on {date},
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL
) {strict};
CREATE TABLE custody (
    id {uuid} PRIMARY KEY,
    child_id {uuid} NOT NULL REFERENCES people,
    holder_id {uuid} NOT NULL REFERENCES people,
    from_on {date},
    until_on {date},
    recorded_at {time} NOT NULL,
    version {bigint} NOT NULL,
    CONSTRAINT custody_child_id_holder_id_key UNIQUE (child_id, holder_id)
) {strict};
CREATE INDEX custody_by_holder ON custody (holder_id);
