-- The offer whose acceptance keeps a case open that had been closed: taken back, the closing stands again. Null where something else keeps it open.
ALTER TABLE case_reopenings ADD COLUMN offer_id {uuid} REFERENCES offers;
UPDATE case_reopenings SET offer_id = (
    SELECT o.id FROM offers o
    WHERE o.case_id = case_reopenings.case_id AND o.state = 'accepted' AND o.answered_recorded_at = case_reopenings.recorded_at
    ORDER BY o.id LIMIT 1
);
CREATE INDEX case_reopenings_by_offer ON case_reopenings (offer_id);
-- An offer that came to nothing since a custody holder said no.
INSERT INTO decline_reasons (code) VALUES ('custody_holder_refused');
