//! Which roles go together.

use crate::access::Role;
use crate::base::error::{Result, invalid};
use crate::base::value::Flaw;

/// Refuses no role at all, and a partner without an agency or an agency without a partner (domain section 6).
///
/// # Errors
/// 422 at the member.
pub(super) fn check_roles(roles: &[Role], has_agency: bool) -> Result<()> {
    if roles.is_empty() {
        return Err(invalid("/roles", Flaw::Empty, "Vælg mindst én rolle", "Choose at least one role"));
    }
    match (roles.contains(&Role::Partner), has_agency) {
        (true, false) => {
            Err(invalid("/agency_id", Flaw::Required, "En samarbejdspartner hører til et sted", "A partner belongs to an agency"))
        }
        (false, true) => Err(Flaw::NotAPartner.refused("/roles")),
        _ => Ok(()),
    }
}

/// What a new set of roles ends and begins.
pub(super) fn role_changes(present: &[Role], wanted: &[Role]) -> (Vec<Role>, Vec<Role>) {
    let without = |these: &[Role], those: &[Role]| {
        let mut rest: Vec<Role> = these.iter().copied().filter(|role| !those.contains(role)).collect();
        rest.sort_unstable();
        rest.dedup();
        rest
    };
    (without(present, wanted), without(wanted, present))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Error;
    use Role::{Coordinator, Mentor, Partner, Supervisor};

    #[test]
    fn only_partners_belong_to_an_agency() {
        for (roles, has_agency, code) in [
            (&[Coordinator, Mentor][..], false, None),
            (&[Partner], true, None),
            (&[Partner, Mentor], true, None),
            (&[], false, Some("empty")),
            (&[], true, Some("empty")),
            (&[Partner], false, Some("required")),
            (&[Mentor], true, Some("not_a_partner")),
        ] {
            let said = check_roles(roles, has_agency).err().map(|error| {
                let Error::Refused(problem) = error else { unreachable!() };
                problem.errors[0].code
            });
            assert_eq!(said, code, "{roles:?} {has_agency}");
        }
    }

    #[test]
    fn only_what_differs_is_ended_and_begun() {
        for (present, wanted, ended, begun) in [
            (&[Mentor][..], &[Mentor][..], &[][..], &[][..]),
            (&[Mentor], &[Supervisor, Supervisor], &[Mentor], &[Supervisor]),
            (&[Coordinator, Mentor], &[Mentor, Partner], &[Coordinator], &[Partner]),
        ] {
            assert_eq!(role_changes(present, wanted), (ended.to_vec(), begun.to_vec()), "{present:?} {wanted:?}");
        }
    }
}
