UPDATE series_gaps SET reason = 'busy'
    WHERE reason IN ('not_in_service', 'outside_hours', 'never', 'buffer', 'day_limit', 'week_limit', 'notice');
UPDATE sessions SET telling = NULL WHERE telling = 'nobody';
DELETE FROM tellings WHERE code = 'nobody';
DELETE FROM gap_reasons WHERE code IN ('not_in_service', 'outside_hours', 'never', 'buffer', 'day_limit', 'week_limit', 'notice');
