-- Which key each holder got, written with the first value sealed under it: an older key store is seen before it makes a second one.
CREATE TABLE holder_keys (
    holder_kind {text_c} NOT NULL,
    holder_id {uuid} NOT NULL,
    key_id {uuid} NOT NULL,
    made_at {time} NOT NULL,
    PRIMARY KEY (holder_kind, holder_id)
) {strict};
-- Which key file and key store this database belongs to: one row, written when the three are first opened together.
CREATE TABLE vaults (
    key_check {blob} PRIMARY KEY NOT NULL,
    bound_at {time} NOT NULL
) {strict};
