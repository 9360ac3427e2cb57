//! Why somebody has nobody, and the smallest changes that would make a place for them while all others keep theirs.

use std::collections::{BTreeSet, HashMap};

use super::order::{Insisted, Order};
use super::{between, candidate};
use crate::base::config::{District, Pairing, Spot};
use crate::base::db::{CodeSet, Coded};
use crate::base::ids::{PersonId, StaffId};
use crate::courses::model::Track;
use crate::matching::proofs::Needs;
use crate::matching::ranking::model::TraitSets;
use crate::matching::ranking::rules as ranking;
use crate::matching::ranking::rules::hours::{WEEK_MIN, shared_min};
use crate::matching::ranking::{Ask, Between, Candidate, Exclusion};
use crate::matching::runs::model::{Change, ChangeKind, Excluded, Need, Newcomer, Snapshot, Why};
use crate::staff::profile::DistrictCode;

/// Changes of one kind at most.
const CHANGES_MOST: usize = 3;

/// Needs of a run at most.
const NEEDS_MOST: usize = 20;

/// What the best set took.
pub(super) struct Taken<'a> {
    pub order: &'a Order,
    /// Places left in each column.
    pub left: &'a [u32],
    /// The columns that each family got.
    pub families: &'a HashMap<PersonId, BTreeSet<usize>>,
    /// What a coordinator insists on.
    pub insisted: &'a Insisted,
}

/// Why the row has nobody. What would help is asked of all that are to have the same with it.
pub(super) fn why(snapshot: &Snapshot, taken: &Taken<'_>, row: usize, at: usize) -> Why {
    let Some(ask) = snapshot.field.asks.get(at) else { return Why::default() };
    if !ask.hurdles.is_empty() {
        return Why { hurdles: ask.hurdles.iter().collect(), ..Why::default() };
    }
    let rows = taken.insisted.group(row).map_or_else(|| vec![row], |group| group.rows.clone());
    let asks: Vec<usize> = rows.iter().filter_map(|row| taken.order.asks.get(*row).copied()).collect();
    let group: Vec<&Ask> = asks.iter().filter_map(|at| snapshot.field.asks.get(*at)).collect();
    let size = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let mut counts = vec![0_u32; Exclusion::ALL.len()];
    let mut why = Why::default();
    // Whom the family has already: one more of their places is of no use here.
    let siblings = taken.families.get(&ask.family);
    let mut places: Vec<(i64, usize)> = Vec::new();
    let mut stands: Vec<Outcome> = Vec::with_capacity(group.len());
    // Whoever does not do this at all is not somebody who could.
    let able = snapshot.field.candidates.iter().enumerate().filter(|(_, one)| ranking::limits::has_kind(one, ask));
    for (candidate, one) in able {
        let outcome = |(at, ask): (&usize, &&Ask)| {
            let between = between(&snapshot.field, *at, candidate);
            ranking::score(one, ask, &between, &snapshot.settings)
        };
        stands.clear();
        stands.extend(asks.iter().zip(&group).map(outcome));
        match asks.iter().zip(&stands).find(|(of, _)| **of == at) {
            Some((_, Ok(_))) => why.taken = why.taken.saturating_add(1),
            Some((_, Err(exclusions))) => exclusions.places().for_each(|place| {
                if let Some(count) = counts.get_mut(place) {
                    *count = count.saturating_add(1);
                }
            }),
            None => {}
        }
        let Some(column) = taken.order.columns.get(candidate).copied() else { continue };
        if siblings.is_some_and(|theirs| theirs.contains(&column)) || rows.iter().any(|row| !taken.insisted.allows(*row, column)) {
            continue;
        }
        let left = taken.left.get(column).copied().unwrap_or(0);
        match only_obstacle(&stands) {
            Obstacle::Nothing(score) if left.saturating_add(1) >= size => places.push((score, candidate)),
            // Whoever has more than they may have is helped by no single place.
            Obstacle::One(Exclusion::Capacity) if one.matches <= one.capacity && left.saturating_add(1) >= size => {
                places.push((0, candidate));
            }
            Obstacle::One(Exclusion::Capacity) | Obstacle::Nothing(_) | Obstacle::More => {}
            Obstacle::One(_) if left < size => {}
            Obstacle::One(exclusion) => {
                // Whom it keeps from them: what one person can say helps one.
                let kept = group.iter().zip(&stands).filter(|(_, stands)| stands.is_err());
                let mut found: Vec<_> = kept.map(|(ask, _)| change(exclusion, one, ask)).collect();
                let is_one = found.len() == 1;
                found.dedup();
                if let [Some((kind, of_staff))] = found.as_slice()
                    && (*of_staff || is_one)
                {
                    push(&mut why.changes, *kind, of_staff.then_some(one.staff));
                }
            }
        }
    }
    places.sort_by_key(|(score, candidate)| (std::cmp::Reverse(*score), taken.order.columns.get(*candidate).copied()));
    for (_, candidate) in places {
        push(&mut why.changes, ChangeKind::Place, snapshot.field.candidates.get(candidate).map(|one| one.staff));
    }
    // One more is no sibling's mentor.
    let is_free = taken.insisted.group(row).is_none_or(|group| group.column.is_none());
    why.changes.extend(if is_free { newcomer(&snapshot.settings, &group) } else { None });
    why.changes.sort_by_key(|change| change.kind);
    why.excluded = Exclusion::ALL
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|(exclusion, count)| Excluded { exclusion: *exclusion, count })
        .collect();
    why.excluded.sort_by_key(|excluded| std::cmp::Reverse(excluded.count));
    why
}

/// A score, or what excludes.
type Outcome = Result<i64, CodeSet<Exclusion>>;

/// What keeps somebody from all of a group.
enum Obstacle {
    /// Nothing: this is their score with all of them.
    Nothing(i64),
    /// One limit, with one of them or several.
    One(Exclusion),
    /// More than that.
    More,
}

fn only_obstacle(stands: &[Outcome]) -> Obstacle {
    let mut score = 0_i64;
    let mut exclusions: CodeSet<Exclusion> = CodeSet::default();
    for stands in stands {
        match stands {
            Ok(more) => score = score.saturating_add(*more),
            Err(more) => more.iter().for_each(|exclusion| exclusions.insert(exclusion)),
        }
    }
    match (exclusions.len(), exclusions.iter().next()) {
        (0, _) => Obstacle::Nothing(score),
        (1, Some(exclusion)) => Obstacle::One(exclusion),
        _ => Obstacle::More,
    }
}

/// What would do away with the only limit that excludes somebody with room, and whether it is about the member of staff; nothing: no small
/// change. Something is asked for only where nobody ever said it.
fn change(exclusion: Exclusion, candidate: &Candidate, ask: &Ask) -> Option<(ChangeKind, bool)> {
    match exclusion {
        Exclusion::HoursUnknown => match (&candidate.hours, &ask.times) {
            // Where what one of them said holds no meeting, no answer of the other helps.
            (None, Some(times)) => can_meet(times).then_some((ChangeKind::AskHours, true)),
            (Some(hours), None) => can_meet(hours).then_some((ChangeKind::AskHours, false)),
            _ => None,
        },
        Exclusion::Language if ask.languages_assumed => Some((ChangeKind::AskLanguages, false)),
        Exclusion::TravelUnknown => Some((ChangeKind::AskDistrict, candidate.spot.is_none())),
        Exclusion::Gender if candidate.gender.is_none() => Some((ChangeKind::AskGender, true)),
        Exclusion::Certificate => Some((ChangeKind::Certificate, true)),
        Exclusion::Qualification => Some((ChangeKind::Qualification, true)),
        _ => None,
    }
}

/// Whether a week has room for a meeting.
fn can_meet(week: &[(i32, i32)]) -> bool {
    shared_min(week, &[(0, WEEK_MIN)]) > 0
}

fn push(changes: &mut Vec<Change>, kind: ChangeKind, staff_id: Option<StaffId>) {
    let mut alike = changes.iter().filter(|change| change.kind == kind);
    if alike.clone().any(|change| change.staff_id == staff_id) || alike.by_ref().count() >= CHANGES_MOST {
        return;
    }
    changes.push(Change { kind, staff_id, track: None, languages: Vec::new(), gender: None, district: None, certificates: Vec::new() });
}

/// What would help most of those who have nobody: alike changes counted, the most first.
pub fn needs<'a>(alone: impl Iterator<Item = &'a Why>) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    for need in alone.flat_map(|why| &why.changes).filter_map(need) {
        match needs.iter_mut().find(|known| is_alike(known, &need)) {
            Some(known) => known.helps = known.helps.saturating_add(1),
            None => needs.push(need),
        }
    }
    most_first(needs)
}

/// What helps as many fewer, now that these changes are not said any more.
pub fn without(mut needs: Vec<Need>, struck: &[Change]) -> Vec<Need> {
    for need in struck.iter().filter_map(need) {
        if let Some(known) = needs.iter_mut().find(|known| is_alike(known, &need)) {
            known.helps = known.helps.saturating_sub(1);
        }
    }
    needs.retain(|need| need.helps > 0);
    most_first(needs)
}

fn most_first(mut needs: Vec<Need>) -> Vec<Need> {
    needs.sort_by_key(|need| std::cmp::Reverse(need.helps));
    needs.truncate(NEEDS_MOST);
    needs
}

fn is_alike(known: &Need, need: &Need) -> bool {
    let Need { kind, staff_id, track, languages, gender, district, certificates, helps: _ } = need;
    (known.kind, known.staff_id, known.track, known.gender) == (*kind, *staff_id, *track, *gender)
        && (&known.languages, &known.district, &known.certificates) == (languages, district, certificates)
}

/// What only one person can say helps nobody else, and is no need.
fn need(change: &Change) -> Option<Need> {
    let Change { kind, staff_id, track, languages, gender, district, certificates } = change.clone();
    let is_shared = staff_id.is_some() || kind == ChangeKind::Newcomer;
    is_shared.then_some(Need { kind, staff_id, track, languages, gender, district, certificates, helps: 1 })
}

/// What one more member of staff would need for all of these; nothing: nobody such as can be described here would do for each of them. Of a
/// protected address nothing is known that could say where, and for whoever is to have the same as its person nothing is said of it.
fn newcomer(settings: &Pairing, group: &[&Ask]) -> Option<Change> {
    let (first, others) = group.split_first()?;
    let mut languages = first.languages.clone();
    languages.retain(|language| others.iter().all(|ask| ask.languages.contains(language)));
    let mut genders: Vec<_> = group.iter().filter_map(|ask| ask.gender).collect();
    genders.dedup();
    if genders.len() > 1 {
        return None;
    }
    let mut certificates: Vec<_> = group.iter().flat_map(|ask| Needs::of(ask, settings).on(ask.on)).collect();
    certificates.sort_unstable();
    certificates.dedup();
    let described = |district: Option<&District>| Newcomer {
        mentor: first.track == Track::Mentor,
        parent_coach: first.track == Track::ParentCoach,
        languages: languages.clone(),
        certificates: certificates.clone(),
        capacity: i32::try_from(group.len()).unwrap_or(i32::MAX),
        gender: genders.first().copied(),
        district: district.map(|district| DistrictCode::stored(district.code.clone())),
        travel_limit_km: None,
        traits: TraitSets::default(),
    };
    let limited: Vec<Spot> = group.iter().filter(|ask| ask.travel_limit_km.is_some()).filter_map(|ask| ask.spot).collect();
    let places: Vec<Option<&District>> = if limited.is_empty() || group.iter().any(|ask| ask.is_protected) {
        vec![None]
    } else {
        // Where one of them is rather than between them.
        let (theirs, others): (Vec<_>, Vec<_>) = settings.districts.iter().partition(|district| limited.contains(&district.centre));
        theirs.into_iter().chain(others).map(Some).collect()
    };
    let helps = |district: &Option<&District>| {
        let one =
            candidate(&described(*district), StaffId::from_uuid(uuid::Uuid::max()), first.on, district.map(|district| district.centre));
        let suits = |ask: &&Ask| ranking::score(&one, ask, &Between::default(), settings).is_ok();
        group.iter().all(suits)
    };
    let Newcomer { languages, gender, district, certificates, .. } = described(places.into_iter().find(helps)?);
    Some(Change { kind: ChangeKind::Newcomer, staff_id: None, track: Some(first.track), languages, gender, district, certificates })
}
