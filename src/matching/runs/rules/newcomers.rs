//! How many people newcomers get at once, where somebody would have nobody otherwise.

use std::cmp::Reverse;

/// Places in each column: those that there are at first (`once`), and as many more as are needed so that it `holds`, no fewer than `needed`.
/// From what the best set took, one place after the other is taken back, of whoever has most of them first, unless it is needed.
pub(super) fn spread<E>(
    once: &[u32],
    columns: &[Option<usize>],
    needed: usize,
    mut holds: impl FnMut(&[u32]) -> Result<bool, E>,
) -> Result<Vec<u32>, E> {
    let mut taken = vec![0_u32; once.len()];
    for column in columns.iter().flatten() {
        if let Some(taken) = taken.get_mut(*column) {
            *taken = taken.saturating_add(1);
        }
    }
    let mut more: Vec<u32> = taken.iter().zip(once).map(|(taken, once)| taken.saturating_sub(*once)).collect();
    let mut kept = vec![false; once.len()];
    let places = |more: &[u32]| -> Vec<u32> { once.iter().zip(more).map(|(once, more)| once.saturating_add(*more)).collect() };
    while more.iter().map(|more| usize::try_from(*more).unwrap_or(usize::MAX)).fold(0, usize::saturating_add) > needed {
        let open = more.iter().zip(&kept).enumerate().filter(|(_, (more, kept))| **more > 0 && !**kept);
        let Some(column) = open.max_by_key(|(column, (more, _))| (**more, Reverse(*column))).map(|(column, _)| column) else { break };
        let mut fewer = more.clone();
        if let Some(more) = fewer.get_mut(column) {
            *more = more.saturating_sub(1);
        }
        if holds(&places(&fewer))? {
            more = fewer;
        } else if let Some(kept) = kept.get_mut(column) {
            *kept = true;
        }
    }
    Ok(places(&more))
}
