DROP INDEX refresh_tokens_by_device;
CREATE INDEX refresh_tokens_by_device ON refresh_tokens (device_id);
