ALTER TABLE session_logs DROP COLUMN tray_account_id;
