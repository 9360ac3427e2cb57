-- To whom a promise was last given by hand. While it is theirs it stays so when its settlement is taken back; whose it is by its case goes by the case.
-- NULL: to nobody, or before this was kept.
ALTER TABLE duties ADD COLUMN assigned_id {uuid} REFERENCES accounts;
