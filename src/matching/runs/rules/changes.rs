//! Why somebody has nobody, and the smallest changes that would make a place for them while all others keep theirs.

use std::collections::BTreeSet;

use super::Order;
use crate::base::config::Pairing;
use crate::base::db::Coded;
use crate::base::ids::StaffId;
use crate::matching::ranking::rules as ranking;
use crate::matching::ranking::{Ask, Candidate, Exclusion, Standing};
use crate::matching::runs::model::{Alone, Change, ChangeKind, Excluded, Need, Snapshot, Why};
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
    /// The column of each row.
    pub columns: &'a [Option<usize>],
    /// Pairs that a coordinator forbade.
    pub forbidden: &'a BTreeSet<(usize, usize)>,
}

/// Why the row has nobody.
pub(super) fn why(snapshot: &Snapshot, taken: &Taken<'_>, row: usize, at: usize) -> Why {
    let Some(ask) = snapshot.field.asks.get(at) else { return Why::default() };
    if !ask.hurdles.is_empty() {
        return Why { hurdles: ask.hurdles.iter().collect(), ..Why::default() };
    }
    // Whom the family has already: one more of their places is of no use here.
    let siblings: BTreeSet<usize> = taken
        .order
        .asks
        .iter()
        .zip(taken.columns)
        .filter(|(other, _)| snapshot.field.asks.get(**other).is_some_and(|other| other.family == ask.family))
        .filter_map(|(_, column)| *column)
        .collect();
    let mut counts = vec![0_u32; Exclusion::ALL.len()];
    let mut why = Why::default();
    let mut places: Vec<(i64, usize)> = Vec::new();
    for (candidate, stands) in ranking::rank_all(&snapshot.field, at, &snapshot.settings).into_iter().enumerate() {
        let Some(column) = taken.order.columns.get(candidate).copied() else { continue };
        let is_of_use = !taken.forbidden.contains(&(row, column)) && !siblings.contains(&column);
        let has_room = taken.left.get(column).is_some_and(|left| *left > 0);
        let exclusions = match stands {
            Standing::Ranked(ranked) => {
                why.taken = why.taken.saturating_add(1);
                if is_of_use {
                    places.push((ranked.score, candidate));
                }
                continue;
            }
            // Whoever does not do this at all is not somebody who could.
            Standing::Excluded(exclusions) if exclusions.contains(Exclusion::Kind) => continue,
            Standing::Excluded(exclusions) => exclusions,
        };
        for (count, exclusion) in counts.iter_mut().zip(Exclusion::ALL) {
            *count = count.saturating_add(u32::from(exclusions.contains(*exclusion)));
        }
        if exclusions.len() != 1 || !is_of_use {
            continue;
        }
        let Some(one) = snapshot.field.candidates.get(candidate) else { continue };
        match exclusions.iter().next() {
            Some(Exclusion::Capacity) => places.push((0, candidate)),
            Some(_) if !has_room => {}
            Some(exclusion) => {
                if let Some((kind, of_staff)) = change(exclusion, one, ask) {
                    push(&mut why.changes, kind, of_staff.then_some(one.staff));
                }
            }
            None => {}
        }
    }
    places.sort_by_key(|(score, candidate)| (std::cmp::Reverse(*score), taken.order.columns.get(*candidate).copied()));
    for (_, candidate) in places {
        push(&mut why.changes, ChangeKind::Place, snapshot.field.candidates.get(candidate).map(|one| one.staff));
    }
    why.changes.push(newcomer(&snapshot.settings, ask));
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

/// What would do away with the only limit that excludes somebody with room, and whether it is about the member of staff; nothing: no small
/// change. Something is asked for only where nobody ever said it.
fn change(exclusion: Exclusion, candidate: &Candidate, ask: &Ask) -> Option<(ChangeKind, bool)> {
    match exclusion {
        Exclusion::HoursUnknown => Some((ChangeKind::AskHours, ask.times.is_some())),
        Exclusion::Language if ask.languages_assumed => Some((ChangeKind::AskLanguages, false)),
        Exclusion::TravelUnknown => Some((ChangeKind::AskDistrict, candidate.spot.is_none())),
        Exclusion::Gender if candidate.gender.is_none() => Some((ChangeKind::AskGender, true)),
        Exclusion::Certificate => Some((ChangeKind::Certificate, true)),
        Exclusion::Qualification => Some((ChangeKind::Qualification, true)),
        _ => None,
    }
}

fn push(changes: &mut Vec<Change>, kind: ChangeKind, staff_id: Option<StaffId>) {
    let mut alike = changes.iter().filter(|change| change.kind == kind);
    if alike.clone().any(|change| change.staff_id == staff_id) || alike.by_ref().count() >= CHANGES_MOST {
        return;
    }
    changes.push(Change { kind, staff_id, track: None, languages: Vec::new(), gender: None, district: None, certificates: Vec::new() });
}

/// What would help most of those who have nobody: alike changes counted, the most first. No place is in it.
pub(super) fn needs(alone: &[Alone]) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    for change in alone.iter().flat_map(|alone| &alone.why.changes) {
        let Change { kind, staff_id, track, languages, gender, certificates, .. } = change.clone();
        // What only this person can say helps nobody else.
        if staff_id.is_none() && kind != ChangeKind::Newcomer {
            continue;
        }
        let need = Need { kind, staff_id, track, languages, gender, certificates, helps: 1 };
        match needs.iter_mut().find(|known| Need { helps: 1, ..(*known).clone() } == need) {
            Some(known) => known.helps = known.helps.saturating_add(1),
            None => needs.push(need),
        }
    }
    needs.sort_by_key(|need| std::cmp::Reverse(need.helps));
    needs.truncate(NEEDS_MOST);
    needs
}

/// What one more member of staff would need. Of a protected address nothing is known that could say where.
fn newcomer(settings: &Pairing, ask: &Ask) -> Change {
    let near = ask.spot.filter(|_| ask.travel_limit_km.is_some() && !ask.is_protected);
    let district = settings.districts.iter().find(|district| Some(district.centre) == near);
    Change {
        kind: ChangeKind::Newcomer,
        staff_id: None,
        track: Some(ask.track),
        languages: ask.languages.clone(),
        gender: ask.gender,
        district: district.map(|district| DistrictCode::stored(district.code.clone())),
        certificates: ranking::limits::needed(ask, settings).collect(),
    }
}
