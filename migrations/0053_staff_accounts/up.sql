-- Every account that a member of staff ever had: what it is barred from is about them, until it is another's.
CREATE TABLE staff_accounts (
    staff_id {uuid} NOT NULL REFERENCES staff,
    account_id {uuid} NOT NULL REFERENCES accounts,
    -- When it was given to another member of staff.
    until_at {time},
    PRIMARY KEY (staff_id, account_id)
) {strict};
CREATE INDEX staff_accounts_by_account ON staff_accounts (account_id);
INSERT INTO staff_accounts (staff_id, account_id) SELECT id, account_id FROM staff WHERE account_id IS NOT NULL;
-- Earlier ones that are nobody's now, as far as what they ran says whose they were.
INSERT INTO staff_accounts (staff_id, account_id)
    SELECT DISTINCT m.staff_id, r.account_id
    FROM relations r JOIN matches m ON m.id = r.cause_id
    WHERE r.kind = 'runs' AND r.account_id NOT IN (SELECT account_id FROM staff WHERE account_id IS NOT NULL);
