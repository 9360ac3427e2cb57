DROP TABLE vaults;
DROP TABLE holder_keys;
