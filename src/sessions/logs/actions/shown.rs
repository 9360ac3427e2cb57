//! What logs say, as far as the caller may see it.

use std::collections::BTreeSet;

use crate::access::{Reach, Tx};
use crate::base::error::Result;
use crate::base::ids::LogId;
use crate::sessions::actions::places;
use crate::sessions::joint;
use crate::sessions::logs::model::{Content, Log, OldVersion};
use crate::sessions::logs::store;

/// What each of these logs says, opened.
///
/// # Errors
/// The vault's.
pub fn open_all(tx: &mut Tx<'_>, logs: &[Log]) -> Result<Vec<Content>> {
    let mut contents = logs.iter().map(|log| store::open(tx, log)).collect::<Result<Vec<_>>>()?;
    hide_places(tx, &mut logs.iter().zip(contents.iter_mut()).collect::<Vec<_>>())?;
    Ok(contents)
}

/// The earlier versions of a log the caller may see, late copies, and what was only heard, opened.
///
/// # Errors
/// 404.
pub fn versions(tx: &mut Tx<'_>, id: LogId) -> Result<Vec<(OldVersion, Content)>> {
    let log = store::get(tx, id)?;
    let mut shown = Vec::new();
    for (version, content) in store::open_versions(tx, &log)? {
        // What was filed under somebody else is for coordinators, who may see that one.
        if version.person == log.person || tx.reaches(Reach::All) && !tx.is_barred(&[version.person.cast()])? {
            shown.push((version, content));
        }
    }
    hide_places(tx, &mut shown.iter_mut().map(|(_, content)| (&log, content)).collect::<Vec<_>>())?;
    Ok(shown)
}

/// Takes the place of the next appointment out of what is shown, where the session at that time would be shown without one: by the same rule
/// ([`places::hidden`]), and also where it is not planned, or was moved since.
fn hide_places(tx: &mut Tx<'_>, said: &mut [(&Log, &mut Content)]) -> Result<()> {
    let placed = |content: &Content| content.body.next.as_ref().filter(|next| next.place_code.is_some()).map(|next| next.starts_at);
    let times = said.iter().filter_map(|(log, content)| placed(content).map(|at| (log.matched, at))).collect::<BTreeSet<_>>();
    if times.is_empty() || tx.reaches(Reach::All) {
        return Ok(());
    }
    let people = said.iter().map(|(log, _)| log.person).collect();
    let parts = joint::actions::parts_at(tx, &times)?;
    let hidden = places::hidden(tx, people, &parts.iter().map(|(_, joint)| *joint).collect())?;
    for (log, content) in said {
        let Some(at) = placed(content) else { continue };
        let mut joints = parts.iter().filter(|(time, _)| *time == (log.matched, at)).map(|(_, joint)| Some(*joint));
        let is_hidden = hidden.hides(log.person, None) || joints.any(|joint| hidden.hides(log.person, joint));
        if let Some(next) = content.body.next.as_mut().filter(|_| is_hidden) {
            next.place_code = None;
        }
    }
    Ok(())
}
