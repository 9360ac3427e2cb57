-- A session that is longer or shorter, or at which they meet otherwise, keeps its start: it was changed, not moved.
INSERT INTO session_change_kinds (code) VALUES ('changed');
