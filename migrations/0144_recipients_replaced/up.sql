-- When another than whoever gets a child's reminders by now was last chosen to: what was said before is not taken for the word of whoever was chosen since.
-- NULL: nobody else ever was.
ALTER TABLE people ADD COLUMN recipient_replaced_at {time};
-- Whether somebody was chosen before was not kept: it is taken to be so.
UPDATE people SET recipient_replaced_at = recipient_chosen_at;
