-- What somebody filed for a coordinator's look leaves the tray when they put it right themselves, or by a coordinator, and not by what somebody else
-- sends of the same log: so it is kept whose versions alone lie there. NULL in the tray: several people's, and a coordinator alone decides.
ALTER TABLE session_logs ADD COLUMN tray_account_id {uuid} REFERENCES accounts;
UPDATE session_logs SET tray_account_id = recorded_by WHERE in_tray;
