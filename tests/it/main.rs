//! All integration tests in one binary: stories over HTTP, one file per room, and the sweeps.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on stops here"
)]

#[macro_use]
mod support;
mod access;
mod anothers_logs;
mod answers;
mod arranged;
mod assignment;
mod availability;
mod back_again;
mod backup;
mod barred;
mod birthdays;
mod by_hand;
mod calendar;
mod calendars;
mod case_people;
mod cases;
mod commands;
mod consents;
mod contact_notes;
mod contract;
mod corrections;
mod courses;
mod cover_ends;
mod cover_sights;
mod deaths_taken_back;
mod delivery;
mod demo;
mod doors;
mod duties;
mod endings;
mod ends_put_right;
mod enquiries;
mod files_put_right;
mod findings_put_right;
mod followups;
mod followups_taken_back;
mod free_times;
mod given_back;
mod heard_late;
mod hostile;
mod joint;
mod known_starts;
mod lanes;
mod leave_clocks;
mod leave_covers;
mod log_answers;
mod log_numbers;
mod logged_proposals;
mod lost_roles;
mod lost_ways;
mod matching_runs;
mod meta;
mod migrations;
mod missed_twice;
mod moved_sooner;
mod nights;
mod oversight;
mod own_contact;
mod pair_changes;
mod pair_late;
mod pair_sights;
mod pair_times;
mod pair_turned;
mod pair_waits;
mod pairing;
mod people;
mod phone_logs;
mod planning;
mod plans;
mod police;
mod preconditions;
mod privacy;
mod proposals;
mod put_right;
mod queries;
mod readme;
mod reports;
mod room;
mod scheduling;
mod series;
mod sessions;
mod settled_by_mistake;
mod spoken;
mod staff;
mod staff_covers;
mod storage;
mod supervision;
mod taken_back;
mod tidy;
mod today;
mod told_again;
mod told_twice;
mod unheard;
mod unsaid;
mod vault;
mod who_sees;
mod wishes;
mod wrong_clock;
