-- A promise that was settled by hand by mistake is open again; what was recorded of it is kept like anything else that is put right.
INSERT INTO correction_kinds (code) VALUES ('settlement');
