-- Joint sessions: one session a match, held at one time (domain sections 5 and 8). Each part keeps its own log, state and answers.
CREATE TABLE joint_sessions (
    id {uuid} PRIMARY KEY,
    case_id {uuid} NOT NULL REFERENCES cases,
    -- Sealed under the case: why it is right although the custody holders disagree; and who said so.
    grounds {blob},
    grounds_at {time},
    grounds_by {uuid} REFERENCES accounts,
    -- The one match whose side gets messages; the others are told by hand. Null: each side its own.
    told_match_id {uuid} REFERENCES matches,
    recorded_at {time} NOT NULL,
    recorded_by {uuid} NOT NULL REFERENCES accounts,
    version {bigint} NOT NULL
) {strict};
CREATE INDEX joint_sessions_by_case ON joint_sessions (case_id);
CREATE TABLE joint_parts (
    session_id {uuid} PRIMARY KEY REFERENCES sessions,
    joint_id {uuid} NOT NULL REFERENCES joint_sessions
) {strict};
CREATE INDEX joint_parts_by_joint ON joint_parts (joint_id);
