//! Why somebody has nobody, and the smallest changes that would make a place for them while all others keep theirs.

use std::collections::BTreeSet;

use super::Order;
use crate::base::config::Pairing;
use crate::base::db::Coded;
use crate::matching::ranking::rules as ranking;
use crate::matching::ranking::{Ask, Exclusion, Standing};
use crate::matching::runs::model::{Change, ChangeKind, Excluded, Snapshot, Why};
use crate::staff::profile::DistrictCode;

/// Changes of one kind at most.
const CHANGES_MOST: usize = 3;

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
    // Whom the family has already: one more of their places is of no use here.
    let siblings: BTreeSet<usize> = taken
        .order
        .asks
        .iter()
        .zip(taken.columns)
        .filter(|(other, _)| snapshot.field.asks.get(**other).is_some_and(|other| other.case == ask.case))
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
        if exclusions.contains(Exclusion::Capacity) {
            places.push((0, candidate));
        } else if has_room && exclusions.contains(Exclusion::Certificate) {
            push(&mut why.changes, ChangeKind::Certificate, snapshot, candidate);
        } else if has_room && exclusions.contains(Exclusion::Qualification) {
            push(&mut why.changes, ChangeKind::Qualification, snapshot, candidate);
        }
    }
    places.sort_by_key(|(score, candidate)| (std::cmp::Reverse(*score), taken.order.columns.get(*candidate).copied()));
    for (_, candidate) in places {
        push(&mut why.changes, ChangeKind::Place, snapshot, candidate);
    }
    why.changes.push(newcomer(&snapshot.settings, ask));
    why.excluded = Exclusion::ALL
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|(exclusion, count)| Excluded { exclusion: *exclusion, count })
        .collect();
    why.excluded.sort_by_key(|excluded| std::cmp::Reverse(excluded.count));
    why
}

fn push(changes: &mut Vec<Change>, kind: ChangeKind, snapshot: &Snapshot, candidate: usize) {
    if changes.iter().filter(|change| change.kind == kind).count() >= CHANGES_MOST {
        return;
    }
    let staff_id = snapshot.field.candidates.get(candidate).map(|candidate| candidate.staff);
    changes.push(Change { kind, staff_id, track: None, languages: Vec::new(), gender: None, district: None, certificates: Vec::new() });
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
