//! Members of staff as candidates: what they bring, and what their accounts may do.

use std::collections::HashMap;

use super::{kilometres, spot};
use crate::access::accounts::Standing;
use crate::access::{Tx, accounts, bars};
use crate::base::clock::Instant;
use crate::base::config::Pairing;
use crate::base::error::Result;
use crate::base::ids::{AccountId, StaffId};
use crate::matching::ranking::model::{Candidate, Employed};
use crate::staff::{Kind, StaffFacts};

/// Whom the bars of an account are about: their place among the members, and until when they are.
type Judged = Vec<(usize, Option<Instant>)>;

/// Of each account whom its bars are about: whoever signs in with it, and of those who sign in with none whoever had it.
pub(super) fn judged_by(tx: &mut Tx<'_>, members: &[Employed]) -> Result<HashMap<AccountId, Judged>> {
    let mut judged_by: HashMap<AccountId, Judged> = HashMap::new();
    let mut without: HashMap<StaffId, usize> = HashMap::new();
    for (place, (member, account)) in members.iter().enumerate() {
        if let Some(account) = account {
            judged_by.entry(*account).or_default().push((place, None));
        } else {
            without.insert(*member, place);
        }
    }
    if without.is_empty() {
        return Ok(judged_by);
    }
    for (member, account, until) in bars::accounts_of(tx, only(members).map(|(member, _)| member))? {
        judged_by.entry(account).or_default().extend(without.get(&member).map(|place| (*place, until)));
    }
    Ok(judged_by)
}

/// Whom a bar of an account is about that was entered at a moment: their places among the members.
pub(super) fn barred(judged_by: &HashMap<AccountId, Judged>, account: AccountId, from_at: Instant) -> impl Iterator<Item = usize> {
    let theirs = judged_by.get(&account).into_iter().flatten();
    theirs.filter(move |(_, until)| until.is_none_or(|until| from_at < until)).map(|(place, _)| *place)
}

/// The one that is asked for.
fn only(members: &[Employed]) -> Option<Employed> {
    if let [one] = members { Some(*one) } else { None }
}

/// What the accounts of the staff may do.
pub(super) struct Signing(HashMap<AccountId, Standing>);

impl Signing {
    pub(super) fn read(tx: &mut Tx<'_>, members: &[Employed]) -> Result<Self> {
        let one = only(members).map(|(_, account)| account.into_iter().collect::<Vec<_>>());
        Ok(Self(accounts::standings(tx, one.as_deref())?))
    }

    pub(super) fn is_closed(&self, account: Option<AccountId>) -> bool {
        self.of(account).is_some_and(|standing| standing.is_closed)
    }

    /// Whether the account of a member of staff, if they have one, is for this. One that is closed is told by that.
    pub(super) fn is_for(&self, account: Option<AccountId>, kind: Kind) -> bool {
        account.is_none() || self.of(account).is_some_and(|one| one.is_closed || one.roles.contains(kind.role()))
    }

    /// Whether somebody does this, and their account is for it.
    fn does(&self, member: &StaffFacts, kind: Kind) -> bool {
        member.kinds.contains(&kind) && self.is_for(member.account, kind)
    }

    fn of(&self, account: Option<AccountId>) -> Option<&Standing> {
        self.0.get(&account?)
    }
}

/// A member of staff as ranking sees them, with so many proposed and running matches; of when they work nothing yet.
pub(super) fn candidate(settings: &Pairing, signing: &Signing, matches: i32, member: StaffFacts) -> Candidate {
    let account_closed = signing.is_closed(member.account);
    let mentor = signing.does(&member, Kind::Mentor);
    let parent_coach = signing.does(&member, Kind::ParentCoach);
    let profile = member.profile;
    Candidate {
        staff: member.id,
        account: member.account,
        account_closed,
        mentor,
        parent_coach,
        languages: member.languages,
        certificates: member.certificates,
        leaves: member.leaves.iter().map(|leave| (leave.from_on, leave.until_on)).collect(),
        capacity: member.capacity,
        matches,
        has_begun: false,
        from_on: member.from_on,
        left_on: member.left_on,
        loan_until_on: member.loan_until_on,
        gender: profile.gender,
        hours: None,
        spot: spot(settings, profile.district.as_ref()),
        travel_limit_km: kilometres(profile.travel_limit_km),
        traits: (&profile.traits).into(),
    }
}
