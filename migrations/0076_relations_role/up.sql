-- A relation counts as long as its account holds the role that it was given for: whoever lost the one of a track and has the other sees nothing by
-- it. A bar takes none.
ALTER TABLE relations ADD COLUMN role {text} REFERENCES roles;
UPDATE relations SET role = (SELECT matches.track FROM matches WHERE matches.id = relations.cause_id) WHERE kind IN ('runs', 'reads');
UPDATE relations SET role = (SELECT matches.track FROM sessions JOIN matches ON matches.id = sessions.match_id WHERE sessions.id = relations.cause_id)
    WHERE kind = 'covers';
UPDATE relations SET role = 'supervisor' WHERE kind = 'supervises';
