DROP TABLE joint_parts;
DROP TABLE joint_sessions;
