//! Whether somebody has the proofs that it takes to meet a person on a day. Pure.

use chrono::NaiveDate;

use crate::base::calendar::age_on;
use crate::base::config::Pairing;
use crate::courses::model::Track;
use crate::matching::ranking::rules::limits::needed_at;
use crate::staff::CertificateKind;
use crate::staff::model::Certificate;

/// What decides whether somebody may meet a person on a day.
#[derive(Clone, Debug)]
pub struct Proofs<'a> {
    /// When the person was born.
    pub born_on: Option<NaiveDate>,
    /// What they meet for.
    pub track: Track,
    /// The proofs of whoever meets them, also those that are over.
    pub held: Vec<Certificate>,
    /// What the programme asks for.
    pub settings: &'a Pairing,
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
        let age = self.born_on.map(|born_on| age_on(born_on, on));
        let holds = move |kind: CertificateKind| self.held.iter().any(|proof| proof.kind == kind && proof.is_valid_on(on));
        needed_at(age, self.track, self.settings).filter(move |kind| !holds(*kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proofs_hold_until_they_end_or_are_needed_no_more() {
        use CertificateKind::{ChildProtection, QualificationAdults, QualificationUnder15};
        let on = |text: &str| text.parse::<NaiveDate>().unwrap();
        let proof = |kind, issued: &str, until: Option<&str>| Certificate { kind, issued_on: on(issued), valid_until_on: until.map(on) };
        let settings = Pairing::default();
        let trained = Pairing { under_15_qualification: true, ..Pairing::default() };
        let trained_for_adults = Pairing { adult_qualification: true, ..Pairing::default() };
        // Fifteen on 1 May.
        let mut proofs = Proofs {
            born_on: Some(on("2011-05-01")),
            track: Track::Mentor,
            held: vec![proof(ChildProtection, "2025-01-01", Some("2026-04-07")), proof(ChildProtection, "2023-01-01", Some("2024-12-31"))],
            settings: &settings,
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
        proofs.settings = &trained;
        proofs.held.push(proof(QualificationUnder15, "2025-01-01", Some("2026-03-31")));
        assert_eq!(said(&proofs, "2026-04-08"), (false, Some(on("2026-03-31"))));
        proofs.held.push(proof(ChildProtection, "2026-04-01", None));
        assert_eq!(said(&proofs, "2026-04-08"), (false, Some(on("2026-03-31"))));
        proofs.settings = &settings;
        assert_eq!(said(&proofs, "2026-04-08"), (true, None));
        // An adult by 2029, for whom another training is asked.
        proofs.settings = &trained_for_adults;
        assert_eq!(said(&proofs, "2029-05-01"), (false, None));
        proofs.held.push(proof(QualificationAdults, "2026-01-01", None));
        assert_eq!(said(&proofs, "2029-05-01"), (true, None));
    }
}
