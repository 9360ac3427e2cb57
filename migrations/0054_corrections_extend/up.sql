-- Why somebody left a case: who was added by mistake never stood in it, and is nobody's family by it. Of who left before it is not known.
{vocabulary case_leave_reasons added_by_mistake no_longer_part moved_away}
ALTER TABLE case_people ADD COLUMN left_reason {text} REFERENCES case_leave_reasons;
-- A yes to a proposal that became a no, and a talk after a match, are put right like anything else.
INSERT INTO correction_kinds (code) VALUES ('match_answer'), ('repair_talk');
