//! Settings and entries as rows.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::model::{Entry, Settings};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::is_unique;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, AnyId, MatchId, SessionId, StaffId, noun};
use crate::messages::Kind;
use crate::row;
use crate::schema::{accounts, calendar_entries as entries, calendars, messages, sessions, staff};

/// What an account has switched on.
pub(super) fn find(tx: &mut Tx<'_>, account: AccountId) -> Result<Settings> {
    let found: Option<(Option<Instant>, bool, i64)> = calendars::table
        .find(account)
        .select((calendars::feed_made_at, calendars::invitations, calendars::version))
        .first(tx.db())
        .optional()?;
    Ok(found.map_or_else(Settings::default, |(feed_made_at, invitations, version)| Settings { feed_made_at, invitations, version }))
}

/// Whose feed a secret is: of an account that is not closed, and whose member of staff has not left.
pub(super) fn find_by_secret(tx: &mut Tx<'_>, hash: &[u8]) -> Result<Option<AccountId>> {
    let left = staff::table.filter(staff::left_on.is_not_null()).filter(staff::account_id.is_not_null());
    Ok(calendars::table
        .inner_join(accounts::table.on(accounts::id.eq(calendars::account_id)))
        .filter(calendars::feed_hash.eq(hash))
        .filter(accounts::disabled_at.is_null())
        .filter(calendars::account_id.ne_all(left.select(staff::account_id.assume_not_null())))
        .select(calendars::account_id)
        .first(tx.db())
        .optional()?)
}

/// What of the settings is written: what is `None` stays.
#[derive(Default)]
pub(super) struct Change {
    /// The hash of a new secret, or no feed.
    pub(super) feed: Option<Option<[u8; 32]>>,
    /// Whether sessions come by mail.
    pub(super) invitations: Option<bool>,
}

/// Saves changed settings over the version they were read at.
pub(super) fn save(tx: &mut Tx<'_>, account: AccountId, settings: &Settings, change: &Change) -> Result<()> {
    let now = tx.now;
    if settings.version == 0 {
        let inserted = tx.attempt(|tx| {
            diesel::insert_into(calendars::table)
                .values((calendars::account_id.eq(account), calendars::invitations.eq(false), calendars::version.eq(0)))
                .execute(tx.db())?;
            Ok(())
        });
        match inserted {
            // Another of the account's devices was faster.
            Err(error) if is_unique(&error, "calendars.account_id") => return Err(Error::RunAgain),
            other => other?,
        }
    }
    let at_version = calendars::table.find(account).filter(calendars::version.eq(settings.version));
    let invitations = change.invitations.unwrap_or(settings.invitations);
    let changed = diesel::update(at_version)
        .set((calendars::invitations.eq(invitations), calendars::version.eq(settings.version.saturating_add(1))))
        .execute(tx.db())?;
    if changed != 1 {
        return Err(Code::StaleVersion.into());
    }
    if let Some(feed) = &change.feed {
        let (hash, made_at) = (feed.map(|hash| hash.to_vec()), feed.map(|_| now));
        diesel::update(calendars::table.find(account))
            .set((calendars::feed_hash.eq(hash), calendars::feed_made_at.eq(made_at)))
            .execute(tx.db())?;
    }
    tx.changed(account);
    Ok(())
}

row! {
    Row of Entry in entries {
        session: SessionId = session_id,
        holder: Option<AccountId> = account_id,
        sequence: i32,
        starts_at: Instant,
        ends_at: Instant,
        changed_at: Instant,
        told: i32,
    }
}

/// What was last said of a session.
pub(super) fn find_entry(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<Entry>> {
    Ok(entries::table.find(session).select(Entry::as_select()).first(tx.db()).optional()?)
}

/// Writes an entry, over the one before where there was one.
pub(super) fn save_entry(tx: &mut Tx<'_>, entry: &Entry, is_new: bool) -> Result<()> {
    if is_new {
        diesel::insert_into(entries::table).values(Row::from(entry.clone())).execute(tx.db())?;
        return Ok(());
    }
    diesel::update(entries::table.find(entry.session))
        .set((
            entries::account_id.eq(entry.holder),
            entries::sequence.eq(entry.sequence),
            entries::starts_at.eq(entry.starts_at),
            entries::ends_at.eq(entry.ends_at),
            entries::changed_at.eq(entry.changed_at),
            entries::told.eq(entry.told),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// The sessions to come of which an account was ever to be told that they stand in its calendar: they may lie in a mailbox of its.
pub(super) fn coming_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<SessionId>> {
    let now = tx.now;
    let invited =
        messages::table.filter(messages::recipient_id.eq(account.cast::<noun::Any>())).filter(messages::kind.eq(Kind::Invitation));
    let coming = entries::table.filter(entries::session_id.eq_any(invited.select(messages::subject_id))).filter(entries::starts_at.gt(now));
    Ok(coming.order((entries::starts_at, entries::session_id)).select(entries::session_id).load(tx.db())?)
}

/// The sessions to come of a member of staff, run or covered, planned or not.
pub(super) fn coming_of_staff(tx: &mut Tx<'_>, staff: StaffId) -> Result<Vec<SessionId>> {
    let now = tx.now;
    let own = sessions::staff_id.nullable().eq(Some(staff)).or(sessions::cover_staff_id.eq(Some(staff)));
    let coming = sessions::table.filter(own).filter(sessions::starts_at.gt(now));
    Ok(coming.order((sessions::starts_at, sessions::id)).select(sessions::id).load(tx.db())?)
}

/// The sessions to come of a match, planned or not; or only those that somebody covers, or was invited to.
pub(super) fn coming_of_match(tx: &mut Tx<'_>, matched: MatchId, all: bool) -> Result<Vec<SessionId>> {
    let now = tx.now;
    let mut coming = sessions::table.into_boxed().filter(sessions::match_id.eq(matched)).filter(sessions::starts_at.gt(now));
    if !all {
        let invited = sessions::id.eq_any(entries::table.select(entries::session_id));
        coming = coming.filter(sessions::cover_staff_id.is_not_null().or(invited));
    }
    Ok(coming.order((sessions::starts_at, sessions::id)).select(sessions::id).load(tx.db())?)
}

/// The slots under which an account was told, or is to be, of these sessions.
pub(super) fn slots_to(tx: &mut Tx<'_>, account: AccountId, sessions: &[SessionId]) -> Result<Vec<(SessionId, String)>> {
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    let to_them = messages::table.filter(messages::recipient_id.eq(account.cast::<noun::Any>()));
    let is_for_calendar = messages::kind.eq(Kind::Invitation).or(messages::kind.eq(Kind::InvitationCancelled));
    let about: Vec<AnyId> = sessions.iter().map(|id| id.cast()).collect();
    let of_these = to_them.filter(messages::subject_id.eq_any(about)).filter(is_for_calendar);
    let told: Vec<(AnyId, String)> = of_these.select((messages::subject_id, messages::slot)).load(tx.db())?;
    Ok(told.into_iter().map(|(session, slot)| (session.cast(), slot)).collect())
}

/// The entries of these sessions, where they have one: number, and when it was said.
pub(super) fn sequences(tx: &mut Tx<'_>, sessions: Vec<SessionId>) -> Result<BTreeMap<SessionId, (i32, Instant)>> {
    let found: Vec<(SessionId, (i32, Instant))> = entries::table
        .filter(entries::session_id.eq_any(sessions))
        .select((entries::session_id, (entries::sequence, entries::changed_at)))
        .load(tx.db())?;
    Ok(found.into_iter().collect())
}
