//! What may be wished.

use super::model::{Veto, WishFacts};
use crate::base::config::Pairing;
use crate::base::error::{Result, invalid};
use crate::base::value::Flaw;
use crate::staff::profile::rules::check_place;
use crate::staff::rules::check_languages;

/// Whether a wish can be meant, and may be on record.
///
/// # Errors
/// 422: an unknown language or district, or a limit from nowhere; a place of any kind for a protected address; a veto of nobody, or twice.
pub fn check(settings: &Pairing, is_protected: bool, facts: &WishFacts, vetoes: &[Veto]) -> Result<()> {
    if is_protected && facts.district.is_some() {
        return Err(protected("/district"));
    }
    if is_protected && facts.travel_limit_km.is_some() {
        return Err(protected("/travel_limit_km"));
    }
    check_languages("/languages", &facts.languages)?;
    check_place(settings, facts.district.as_ref(), facts.travel_limit_km)?;
    for (at, veto) in vetoes.iter().enumerate() {
        if !veto.by_person && !veto.by_staff {
            return Err(invalid(format!("/vetoes/{at}"), Flaw::Required, "Angiv, hvem der siger nej", "Say who will not"));
        }
        if vetoes.iter().take(at).any(|other| other.staff == veto.staff) {
            return Err(Flaw::Duplicate.refused(format!("/vetoes/{at}/staff_id")));
        }
    }
    Ok(())
}

fn protected(pointer: &'static str) -> crate::base::error::Error {
    Flaw::ProtectedAddress.refused(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Error;
    use crate::base::ids::{IdSource, StaffId};
    use crate::staff::profile::DistrictCode;

    #[test]
    fn a_protected_address_has_no_place_and_a_veto_is_somebodys() {
        let ids = IdSource::seeded(1);
        let (one, other): (StaffId, StaffId) = (ids.next(), ids.next());
        let no = |staff, by_person, by_staff| Veto { staff, by_person, by_staff };
        let north = || DistrictCode::parse("north");
        let place = |district, travel_limit_km| WishFacts { district, travel_limit_km, ..WishFacts::default() };
        #[rustfmt::skip]
        let cases = [
            (false, place(north(), Some(5)), vec![no(one, true, false), no(other, true, true)], None),
            (true, place(None, None), vec![no(one, false, true)], None),
            (true, place(north(), None), vec![], Some(("/district", "protected_address"))),
            (true, place(None, Some(5)), vec![], Some(("/travel_limit_km", "protected_address"))),
            (false, place(None, Some(5)), vec![], Some(("/district", "required"))),
            (false, place(DistrictCode::parse("nowhere"), None), vec![], Some(("/district", "unknown_district"))),
            (false, place(None, None), vec![no(one, false, false)], Some(("/vetoes/0", "required"))),
            (false, place(None, None), vec![no(one, true, false), no(one, false, true)], Some(("/vetoes/1/staff_id", "duplicate"))),
        ];
        for (is_protected, facts, vetoes, flaw) in cases {
            let found = match check(&Pairing::for_testing(), is_protected, &facts, &vetoes) {
                Err(Error::Refused(problem)) => Some((problem.errors[0].pointer.clone(), problem.errors[0].code)),
                other => other.map(|()| None).unwrap(),
            };
            assert_eq!(found, flaw.map(|(pointer, code)| (pointer.to_owned(), code)), "{is_protected} {facts:?} {vetoes:?}");
        }
    }
}
