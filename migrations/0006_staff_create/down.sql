DROP TABLE staff_leaves;
DROP TABLE staff_certificates;
DROP TABLE staff_languages;
DROP TABLE staff;
DROP TABLE leave_kinds;
DROP TABLE certificate_kinds;
