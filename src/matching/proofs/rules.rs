//! Whether somebody has the proofs that it takes to meet a person on a day, and when these end. Pure.

use chrono::NaiveDate;

use crate::base::calendar::age_on;
use crate::base::config::Pairing;
use crate::base::db::Coded;
use crate::courses::model::Track;
use crate::matching::ranking::Ask;
use crate::people::model::ADULT_AGE;
use crate::staff::CertificateKind;
use crate::staff::model::Certificate;

/// From this age on nobody needs a child-protection certificate to meet somebody (domain section 5, "Match").
const CERTIFICATE_UNTIL: u16 = 15;

/// Whom somebody meets, as far as that decides which proofs it takes on a day: of every day its own age.
#[derive(Clone, Copy, Debug)]
pub struct Needs<'a> {
    /// When the person was born.
    pub born_on: Option<NaiveDate>,
    /// What they meet for.
    pub track: Track,
    /// What the programme asks for.
    pub settings: &'a Pairing,
}

impl<'a> Needs<'a> {
    /// Of whom somebody is sought for.
    pub const fn of(ask: &Ask, settings: &'a Pairing) -> Self {
        Self { born_on: ask.born_on, track: ask.track, settings }
    }

    /// Under 15 on a day; a young person whose birth date is not known counts as a child.
    pub fn is_child_on(&self, on: NaiveDate) -> bool {
        self.born_on.map_or(self.track == Track::Mentor, |born_on| age_on(born_on, on) < CERTIFICATE_UNTIL)
    }

    /// An adult on a day; a parent whose birth date is not known counts as one.
    fn is_adult_on(&self, on: NaiveDate) -> bool {
        self.born_on.map_or(self.track == Track::ParentCoach, |born_on| age_on(born_on, on) >= ADULT_AGE)
    }

    /// Whether it takes such a proof on a day.
    pub fn takes(&self, kind: CertificateKind, on: NaiveDate) -> bool {
        match kind {
            CertificateKind::ChildProtection => self.is_child_on(on),
            CertificateKind::QualificationUnder15 => self.settings.under_15_qualification && self.is_child_on(on),
            CertificateKind::QualificationAdults => self.settings.adult_qualification && self.is_adult_on(on),
        }
    }

    /// The proofs that it takes on a day.
    pub fn on(self, on: NaiveDate) -> impl Iterator<Item = CertificateKind> {
        CertificateKind::ALL.iter().copied().filter(move |kind| self.takes(*kind, on))
    }

    /// The last day of the first of these proofs to end from a day on and before another; one that is not needed any more on the day after
    /// ends nothing.
    pub fn end_on(&self, held: &[Certificate], from: NaiveDate, until: NaiveDate) -> Option<NaiveDate> {
        let last = |kind: &CertificateKind| last_day(held, *kind, from).filter(|last| self.takes(*kind, day_after(*last)));
        CertificateKind::ALL.iter().filter_map(last).min().filter(|last| *last < until)
    }
}

/// The last day of the proof of a kind that holds on a day and ends last.
pub fn last_day(held: &[Certificate], kind: CertificateKind, on: NaiveDate) -> Option<NaiveDate> {
    let valid = held.iter().filter(|proof| proof.kind == kind && proof.is_valid_on(on));
    valid.map(|proof| proof.valid_until_on.unwrap_or(NaiveDate::MAX)).max()
}

fn day_after(on: NaiveDate) -> NaiveDate {
    on.succ_opt().unwrap_or(NaiveDate::MAX)
}

/// What somebody has of the proofs that it takes to meet a person.
#[derive(Clone, Debug)]
pub struct Proofs<'a> {
    /// What it takes.
    pub needs: Needs<'a>,
    /// The proofs of whoever meets them, also those that are over.
    pub held: Vec<Certificate>,
}

impl Proofs<'_> {
    /// Whether all that are needed on a day hold on it.
    pub fn hold_on(&self, on: NaiveDate) -> bool {
        self.lacking(on).next().is_none()
    }

    /// The last day of what is needed on a day and is over by then: of several the first to end. `None`: it holds, or never was there.
    pub fn ended_on(&self, on: NaiveDate) -> Option<NaiveDate> {
        let last = |kind: CertificateKind| {
            let of = self.held.iter().filter(|proof| proof.kind == kind);
            of.filter_map(|proof| proof.valid_until_on).filter(|until| *until < on).max()
        };
        self.lacking(on).filter_map(last).min()
    }

    fn lacking(&self, on: NaiveDate) -> impl Iterator<Item = CertificateKind> {
        self.needs.on(on).filter(move |kind| !self.held.iter().any(|proof| proof.kind == *kind && proof.is_valid_on(on)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CertificateKind::{ChildProtection, QualificationAdults, QualificationUnder15};

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn proof(kind: CertificateKind, issued: &str, until: Option<&str>) -> Certificate {
        Certificate { kind, issued_on: on(issued), valid_until_on: until.map(on) }
    }

    #[test]
    fn proofs_hold_until_they_end_or_are_needed_no_more() {
        let settings = Pairing::default();
        let trained = Pairing { under_15_qualification: true, ..Pairing::default() };
        let trained_for_adults = Pairing { adult_qualification: true, ..Pairing::default() };
        // Fifteen on 1 May.
        let needs = Needs { born_on: Some(on("2011-05-01")), track: Track::Mentor, settings: &settings };
        let mut proofs = Proofs {
            needs,
            held: vec![proof(ChildProtection, "2025-01-01", Some("2026-04-07")), proof(ChildProtection, "2023-01-01", Some("2024-12-31"))],
        };
        let said = |proofs: &Proofs<'_>, day: &str| (proofs.hold_on(on(day)), proofs.ended_on(on(day)));
        for (day, expected) in [
            ("2026-04-07", (true, None)),
            ("2026-04-08", (false, Some(on("2026-04-07")))),
            ("2026-04-30", (false, Some(on("2026-04-07")))),
            ("2026-05-01", (true, None)),
            ("2024-06-01", (true, None)),
            ("2022-06-01", (false, None)),
        ] {
            assert_eq!(said(&proofs, day), expected, "{day}");
        }
        // Trained until the end of March, too; renewed is the certificate alone.
        proofs.needs.settings = &trained;
        proofs.held.push(proof(QualificationUnder15, "2025-01-01", Some("2026-03-31")));
        assert_eq!(said(&proofs, "2026-04-08"), (false, Some(on("2026-03-31"))));
        proofs.held.push(proof(ChildProtection, "2026-04-01", None));
        assert_eq!(said(&proofs, "2026-04-08"), (false, Some(on("2026-03-31"))));
        proofs.needs.settings = &settings;
        assert_eq!(said(&proofs, "2026-04-08"), (true, None));
        // An adult by 2029, for whom another training is asked.
        proofs.needs.settings = &trained_for_adults;
        assert_eq!(said(&proofs, "2029-05-01"), (false, None));
        proofs.held.push(proof(QualificationAdults, "2026-01-01", None));
        assert_eq!(said(&proofs, "2029-05-01"), (true, None));
    }

    #[test]
    fn a_proof_that_is_needed_no_more_when_it_is_over_ends_nothing() {
        let settings = Pairing::default();
        let trained = Pairing { under_15_qualification: true, adult_qualification: true, ..Pairing::default() };
        let end = |born: &str, settings: &Pairing, held: &[Certificate]| {
            let needs = Needs { born_on: Some(on(born)), track: Track::Mentor, settings };
            needs.end_on(held, on("2026-03-02"), on("2027-03-02"))
        };
        let until = |last: &str| [proof(ChildProtection, "2025-01-01", Some(last))];
        #[rustfmt::skip]
        let cases = [
            ("two days before the birthday", "2011-05-01", "2026-04-29", Some("2026-04-29")),
            ("the day before it", "2011-05-01", "2026-04-30", None),
            ("on it", "2011-05-01", "2026-05-01", None),
            ("long after it", "2011-05-01", "2026-12-31", None),
            ("a child all the time", "2013-05-01", "2026-12-31", Some("2026-12-31")),
            ("when the match is to end", "2013-05-01", "2027-03-02", None),
            ("over already", "2013-05-01", "2026-03-01", None),
            ("fifteen already", "2011-03-02", "2026-12-31", None),
        ];
        for (name, born, last, expected) in cases {
            assert_eq!(end(born, &settings, &until(last)), expected.map(on), "{name}");
        }
        // Of two the longer counts, and of several kinds the first to end.
        let renewed = [until("2026-06-30").as_slice(), &until("2026-12-31")].concat();
        assert_eq!(end("2013-05-01", &settings, &renewed), Some(on("2026-12-31")));
        let both = [until("2026-12-31").as_slice(), &[proof(QualificationUnder15, "2025-01-01", Some("2026-06-30"))]].concat();
        assert_eq!(
            (end("2013-05-01", &settings, &both), end("2013-05-01", &trained, &both)),
            (Some(on("2026-12-31")), Some(on("2026-06-30")))
        );
        // One for adults ends something once the person is one.
        let adults = [proof(QualificationAdults, "2025-01-01", Some("2026-06-30"))];
        assert_eq!((end("2008-07-02", &trained, &adults), end("2008-07-01", &trained, &adults)), (None, Some(on("2026-06-30"))));
    }
}
