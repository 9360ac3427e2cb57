//! When promises fall due (domain section 4, the ledger of duties).
//!
//! The hours of a referral (24, 48 or 72) are no setting: the severity of a case is named by them.

use super::settings::{choice, settings};
use super::source::Complaints;

settings! {
    /// When promises fall due. Hours run through nights and weekends; days, working days and months end with a local date.
    pub struct Deadlines {
        /// Working days until the receipt to a professional who handed in an enquiry.
        receipt_working_days: u32 = 6, in 1..=60;
        /// What starts the hours of the referral: "founded", or "received" (then it may be born late).
        referral_clock: ClockStart = ClockStart::Founded;
        /// Days until a decision made between meetings is ratified.
        ratify_days: u32 = 14, in 1..=90;
        /// Days until an offer is answered; then "no answer" may be recorded as a decline.
        answer_days: u32 = 14, in 1..=90;
        /// Days until both sides have answered the proposal of a match.
        proposal_days: u32 = 14, in 1..=90;
        /// Months after the decline of a first offer until it is made again, the first and the second time.
        reoffer_months: [u32; 2] = [3, 6], in 1..=24;
        /// Months between supports of the professionals around a family that declined.
        professionals_months: u32 = 1, in 1..=12;
        /// Hours from the first session held to the first support contact.
        support_first_hours: u32 = 48, in 1..=720;
        /// Days from the first session held to the two support contacts of the first month.
        support_days: [u32; 2] = [10, 25], in 1..=31;
        /// Months between support contacts with the mentor or coach after that.
        support_staff_months: u32 = 1, in 1..=12;
        /// Months between support contacts with the young person or parent after that.
        support_person_months: u32 = 3, in 1..=12;
        /// Days from the end of a planned session until its log is missing.
        log_missing_days: u32 = 2, in 1..=30;
        /// Working days to act on the second session missed in a row.
        missed_twice_working_days: u32 = 2, in 1..=30;
        /// Working days to end or resume a course that a custody holder's withdrawal paused.
        paused_working_days: u32 = 1, in 1..=30;
        /// Days between looks at an alert.
        alert_days: u32 = 1, in 1..=30;
        /// Months until a plan is reviewed.
        plan_review_months: u32 = 3, in 1..=12;
        /// Days before the 10th, 15th and 18th birthday that its duty opens.
        birthday_lead_days: u32 = 60, in 0..=365;
        /// Months from the end of a course gone through to its two follow-ups.
        followup_months: [u32; 2] = [6, 12], in 1..=36;
        /// Days before a due date counted in months that its duty opens.
        lead_days: u32 = 14, in 0..=60;
    }
}

choice! {
    /// What starts the hours of the referral.
    pub enum ClockStart {
        /// The concern is founded and its severity set.
        Founded = "founded",
        /// The enquiry is received.
        Received = "received",
    }
}

impl Deadlines {
    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        let pairs =
            [("reoffer_months", self.reoffer_months), ("followup_months", self.followup_months), ("support_days", self.support_days)];
        for (key, [first, second]) in pairs {
            if first >= second {
                complaints.add(format_args!("programme.deadlines.{key}"), "the second must be later than the first");
            }
        }
    }
}
