//! Under whom a log was filed, and who moved it on from there.

use crate::base::ids::{AccountId, PersonId};

/// A version as it was filed.
#[derive(Clone, Copy, Debug)]
pub struct Filed {
    /// Its number.
    pub revision: i32,
    /// Under whom.
    pub person: PersonId,
    /// Who typed it.
    pub by: AccountId,
}

/// Who moved a log on when it was last filed under a person; `None`: it never was. `earlier`: its versions in the order they came, with late copies:
/// what is numbered no higher than one before it was filed nowhere.
pub fn moved_on_by(earlier: impl IntoIterator<Item = Filed>, present: Filed, person: PersonId) -> Option<AccountId> {
    let (mut last, mut moved_by): (Option<Filed>, _) = (None, None);
    for version in earlier {
        if last.is_none_or(|last| version.revision > last.revision) {
            moved_by = last.filter(|last| last.person == person).map_or(moved_by, |_| Some(version.by));
            last = Some(version);
        }
    }
    last.filter(|last| last.person == person).map_or(moved_by, |_| Some(present.by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_moved_it_on_is_who_typed_what_came_after() {
        let uuid = |number| uuid::Uuid::from_u128(number);
        let [one, other] = [1, 2].map(|number| PersonId::from_uuid(uuid(number)));
        let [me, unit] = [3, 4].map(|number| AccountId::from_uuid(uuid(number)));
        let filed = |(revision, person, by)| Filed { revision, person, by };
        type Version = (i32, PersonId, AccountId);
        type Case<'a> = (&'a str, &'a [Version], Version, Option<AccountId>);
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            // name, the earlier versions in the order they came, the present one, who moved it on from the other
            ("never there", &[(1, one, me)], (2, one, unit), None),
            ("moved on by its writer", &[(1, other, me)], (2, one, me), Some(me)),
            ("and corrected by the unit", &[(1, other, me), (2, one, me)], (3, one, unit), Some(me)),
            ("moved on by the unit", &[(1, other, me)], (2, one, unit), Some(unit)),
            ("and corrected by its writer", &[(1, other, me), (2, one, unit)], (3, one, me), Some(unit)),
            ("there twice", &[(1, other, me), (2, one, unit), (3, other, me), (4, one, me)], (5, one, unit), Some(me)),
            ("there for some versions", &[(1, other, me), (2, other, unit)], (3, one, me), Some(me)),
            ("a late copy names the other", &[(1, one, me), (3, one, me), (2, other, me)], (4, one, unit), None),
            ("of the present number", &[(1, one, me), (4, one, unit), (4, other, me)], (5, one, unit), None),
            ("a late copy before it was moved on", &[(3, other, me), (2, one, me)], (4, one, unit), Some(unit)),
        ];
        for (name, earlier, present, expected) in cases {
            assert_eq!(moved_on_by(earlier.iter().copied().map(filed), filed(*present), other), *expected, "{name}");
        }
    }
}
