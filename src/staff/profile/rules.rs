//! What a district and a travel limit may be. Pure; the wishes for a match hold to the same.

use super::model::DistrictCode;
use crate::base::config::Pairing;
use crate::base::error::{Result, invalid};
use crate::base::value::Flaw;

/// Farther than anybody goes to meet somebody.
const TRAVEL_MOST_KM: i32 = 500;

/// Whether a district exists and a limit can be meant: it is measured from a district.
///
/// # Errors
/// 422 at `/district` or `/travel_limit_km`.
pub fn check_place(settings: &Pairing, district: Option<&DistrictCode>, travel_limit_km: Option<i32>) -> Result<()> {
    if district.is_some_and(|district| settings.centre(district.as_str()).is_none()) {
        return Err(Flaw::UnknownDistrict.refused("/district"));
    }
    if travel_limit_km.is_some_and(|limit| !(0..=TRAVEL_MOST_KM).contains(&limit)) {
        return Err(invalid("/travel_limit_km", Flaw::OutOfRange, "Afstanden skal være 0 til 500 km", "The distance must be 0 to 500 km"));
    }
    if travel_limit_km.is_some() && district.is_none() {
        return Err(invalid("/district", Flaw::Required, "En afstand måles fra en bydel", "A distance is measured from a district"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Error;

    #[test]
    fn a_limit_is_measured_from_a_district_that_exists() {
        let settings = Pairing::for_testing();
        for (district, limit, flaw) in [
            (None, None, None),
            (Some("north"), None, None),
            (Some("north"), Some(0), None),
            (Some("north"), Some(500), None),
            (Some("north"), Some(501), Some(("/travel_limit_km", "out_of_range"))),
            (Some("north"), Some(-1), Some(("/travel_limit_km", "out_of_range"))),
            (Some("nowhere"), None, Some(("/district", "unknown_district"))),
            (None, Some(5), Some(("/district", "required"))),
        ] {
            let district = district.map(|code| DistrictCode::parse(code).unwrap());
            let found = match check_place(&settings, district.as_ref(), limit) {
                Err(Error::Refused(problem)) => Some((problem.errors[0].pointer.to_string(), problem.errors[0].code)),
                other => other.map(|()| None).unwrap(),
            };
            assert_eq!(found, flaw.map(|(pointer, code)| (pointer.to_owned(), code)), "{district:?} {limit:?}");
        }
    }
}
