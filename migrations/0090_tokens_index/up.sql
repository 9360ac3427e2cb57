-- Whether a device can still fetch new tokens is asked whenever somebody is told something: of the latest only.
DROP INDEX refresh_tokens_by_device;
CREATE INDEX refresh_tokens_by_device ON refresh_tokens (device_id, expires_at);
