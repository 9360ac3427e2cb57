-- A date after a proof that it takes to meet the person is a gap until that is renewed; with the last day of the one there is.
INSERT INTO gap_reasons (code) VALUES ('certificate');
ALTER TABLE series_gaps ADD COLUMN proof_until_on {date};
