//! How long tokens hold, when a refresh token was stolen, how long somebody must wait, which password will do.

use std::net::IpAddr;

use chrono::TimeDelta;

use super::model::{DeviceKind, Granted, Password, RefreshToken, SOURCE_KNOWN_DAYS, Tries};
use crate::base::clock::Instant;
use crate::base::config::SignIn;
use crate::base::error::{Error, invalid};
use crate::base::ids::{AccountId, DeviceId};
use crate::base::value::{Flaw, folded};

/// The end of a sign-in on a device, however often it is refreshed.
pub(super) fn device_ends(kind: DeviceKind, now: Instant, settings: &SignIn) -> Instant {
    now.plus(match kind {
        DeviceKind::Phone => TimeDelta::days(settings.phone_total_days.into()),
        DeviceKind::Desk => TimeDelta::hours(settings.desk_hours.into()),
    })
}

/// Until when a new pair of tokens holds: never beyond the device.
pub(super) fn granted(
    account: AccountId,
    device: DeviceId,
    kind: DeviceKind,
    ends_at: Instant,
    now: Instant,
    settings: &SignIn,
) -> Granted {
    let unused = match kind {
        DeviceKind::Phone => now.plus(TimeDelta::days(settings.phone_unused_days.into())),
        DeviceKind::Desk => ends_at,
    };
    Granted {
        account,
        device,
        access_until: now.plus(TimeDelta::minutes(settings.access_token_min.into())).min(ends_at),
        refresh_until: unused.min(ends_at),
    }
}

/// When a sign-in on a device began, where it stands: one that a wrong clock dated ahead begins now, so that it lasts no longer than any.
pub(super) fn begun(signed_in_at: Instant, now: Instant) -> Instant {
    if signed_in_at > now.latest_now() { now } else { signed_in_at }
}

/// What to do with a refresh token of a device that is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its first use: answer, and mark it used.
    First,
    /// Used again by a device that lost the reply: answer anew.
    Again,
    /// Unused for too long: sign in again.
    Expired,
    /// Somebody else has a copy of it, or of one made from it: sign the device out.
    Stolen,
}

/// Judges the use of a refresh token. A repeat is believed for `repeat_hours` and only while no token made from it has been used;
/// of two tokens made from one, only the first to be used is good.
pub(super) fn judge(token: &RefreshToken, now: Instant, settings: &SignIn) -> Verdict {
    match token.used_at {
        Some(_) if token.child_used_at.is_some() => Verdict::Stolen,
        Some(used_at) if now.since(used_at) > TimeDelta::hours(settings.repeat_hours.into()) => Verdict::Stolen,
        None if token.sibling_used_at.is_some() => Verdict::Stolen,
        _ if now >= token.expires_at => Verdict::Expired,
        Some(_) => Verdict::Again,
        None => Verdict::First,
    }
}

/// Whether a clock wrote this down that was wrong: it began after now, or makes wait longer than any wait lasts. Nobody is held up by it.
fn is_of_wrong_clock(tries: &Tries, now: Instant, settings: &SignIn) -> bool {
    let (latest, longest) = (now.latest_now(), TimeDelta::minutes(settings.lock_max_min.into()));
    tries.first_at > latest || tries.locked_until.is_some_and(|until| until > latest.plus(longest))
}

/// How long to wait before the next try, if at all.
pub(super) fn wait(tries: Option<&Tries>, now: Instant, settings: &SignIn) -> Option<TimeDelta> {
    let tries = tries.filter(|tries| !is_of_wrong_clock(tries, now, settings));
    tries.and_then(|tries| tries.locked_until).map(|until| until.since(now)).filter(|wait| *wait > TimeDelta::zero())
}

/// Seconds for `Retry-After`, rounded up.
pub(super) fn whole_seconds(wait: TimeDelta) -> u32 {
    let seconds = wait.num_seconds() + i64::from(wait.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// The count after one more wrong try. From `limit` on each further one means a wait, each longer than the one before.
/// Tries are forgotten a window after the first of them, or after the end of the last wait; those that a wrong clock dated ahead, at once.
pub(super) fn failed(tries: Option<Tries>, limit: u32, now: Instant, settings: &SignIn) -> Tries {
    let window = TimeDelta::minutes(settings.throttle_window_min.into());
    let remembered =
        tries.filter(|tries| !is_of_wrong_clock(tries, now, settings) && now < tries.locked_until.unwrap_or(tries.first_at).plus(window));
    let (failures, first_at) = remembered.map_or((1, now), |tries| (tries.failures.saturating_add(1), tries.first_at));
    let locked_until = failures.checked_sub(limit).map(|more| {
        let factor = settings.lock_growth.saturating_pow(more);
        let minutes = settings.lock_min.saturating_mul(factor).min(settings.lock_max_min);
        now.plus(TimeDelta::minutes(minutes.into()))
    });
    Tries { failures, first_at, locked_until }
}

/// What a source is throttled by: an IPv4 address, or the /64 a subscriber of IPv6 has to choose from.
pub fn source_key(source: IpAddr) -> String {
    match source.to_canonical() {
        IpAddr::V4(address) => format!("source {address}"),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("source {a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

/// What wrong tries are counted together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// Those for one account from one source.
    Pair,
    /// Those for one account from anywhere.
    Everywhere,
    /// Those from one source for any account.
    Source,
}

impl Counted {
    /// How many are borne.
    pub(super) const fn limit(self, settings: &SignIn) -> u32 {
        match self {
            Self::Pair => settings.tries_per_account,
            Self::Everywhere => settings.tries_per_account_everywhere,
            Self::Source => settings.tries_per_source,
        }
    }
}

/// What a try is counted under: the name as typed, known or not, and where it came from.
pub(super) fn keys(name: &str, source: Option<IpAddr>) -> Vec<(String, Counted)> {
    let of_account = [(pair_key(name, source), Counted::Pair), (format!("account {}", folded(name)), Counted::Everywhere)];
    of_account.into_iter().chain(source.map(|source| (source_key(source), Counted::Source))).collect()
}

/// What the tries for one account from one source are counted under.
pub(super) fn pair_key(name: &str, source: Option<IpAddr>) -> String {
    format!("account {} from {}", folded(name), source.map(source_key).unwrap_or_default())
}

/// Under what it stands that somebody signed in to the account from there.
pub(super) fn known_key(name: &str, source: Option<IpAddr>) -> String {
    format!("known {}", pair_key(name, source))
}

/// Whether somebody signed in to the account from the source lately.
pub(super) fn is_known(signed_in: Option<&Tries>, now: Instant) -> bool {
    signed_in.is_some_and(|tries| now < tries.first_at.plus(TimeDelta::days(SOURCE_KNOWN_DAYS)))
}

/// Whether a new password will do: long enough, not the account's name, not one character again and again.
///
/// # Errors
/// 422 at `pointer`.
pub(super) fn check_new_password(password: &Password, account_name: &str, pointer: &str, settings: &SignIn) -> Result<(), Error> {
    let text = password.as_str();
    let least = usize::try_from(settings.password_min_chars).unwrap_or(usize::MAX);
    if text.chars().count() < least {
        return Err(invalid(pointer, Flaw::TooShort, "Adgangskoden er for kort", "The password is too short"));
    }
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 4 || text.to_lowercase().contains(account_name) {
        return Err(Flaw::TooSimple.refused(pointer));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn nothing_outlives_the_device() {
        let settings = SignIn::default();
        let now = at("2017-03-01T08:00:00Z");
        let ends = |kind| device_ends(kind, now, &settings);
        assert_eq!((ends(DeviceKind::Phone), ends(DeviceKind::Desk)), (at("2017-05-30T08:00:00Z"), at("2017-03-01T20:00:00Z")));
        let (account, device) = (AccountId::from_uuid(uuid::Uuid::nil()), DeviceId::from_uuid(uuid::Uuid::nil()));
        for (kind, used, access, refresh) in [
            (DeviceKind::Phone, "2017-03-01T08:00:00Z", "2017-03-01T08:15:00Z", "2017-03-31T08:00:00Z"),
            (DeviceKind::Phone, "2017-05-29T08:00:00Z", "2017-05-29T08:15:00Z", "2017-05-30T08:00:00Z"),
            (DeviceKind::Desk, "2017-03-01T08:00:00Z", "2017-03-01T08:15:00Z", "2017-03-01T20:00:00Z"),
            (DeviceKind::Desk, "2017-03-01T19:50:00Z", "2017-03-01T20:00:00Z", "2017-03-01T20:00:00Z"),
        ] {
            let granted = granted(account, device, kind, ends(kind), at(used), &settings);
            assert_eq!((granted.access_until, granted.refresh_until), (at(access), at(refresh)), "{kind} {used}");
        }
    }

    #[test]
    fn a_used_token_is_good_again_only_for_a_lost_reply() {
        use Verdict::{Again, Expired, First, Stolen};
        let settings = SignIn::default();
        let day = |text: &str| (!text.is_empty()).then(|| at(&format!("2017-03-{text}Z")));
        // First use, first use of a child, first use of a sibling, now; it expires on the 31st at 08:00.
        for (used, child, sibling, now, expected) in [
            ("", "", "", "01T08:00:00", First),
            ("", "", "", "31T07:59:59.999999", First),
            ("", "", "", "31T08:00:00", Expired),
            ("", "", "02T08:00:00", "02T08:00:01", Stolen),
            ("02T08:00:00", "", "", "02T08:00:00", Again),
            ("02T08:00:00", "", "", "03T08:00:00", Again),
            ("02T08:00:00", "", "", "03T08:00:00.000001", Stolen),
            ("02T08:00:00", "02T09:00:00", "", "02T09:00:00", Stolen),
            ("02T08:00:00", "02T09:00:00", "02T08:00:00", "02T09:00:00", Stolen),
            ("02T08:00:00", "", "02T08:00:00", "02T09:00:00", Again),
            ("31T07:00:00", "", "", "31T09:00:00", Expired),
            ("02T08:00:00", "02T09:00:00", "", "31T09:00:00", Stolen),
        ] {
            let token = RefreshToken {
                expires_at: at("2017-03-31T08:00:00Z"),
                used_at: day(used),
                child_used_at: day(child),
                sibling_used_at: day(sibling),
            };
            assert_eq!(judge(&token, day(now).unwrap(), &settings), expected, "{used:?} {child:?} {sibling:?} {now:?}");
        }
    }

    #[test]
    fn waits_grow_and_are_forgotten() {
        let settings = SignIn::default();
        let mut tries = None;
        // When it was tried, and until when it must wait then.
        for (tried, locked_until) in [
            ("08:00:00", ""),
            ("08:00:01", ""),
            ("08:00:02", ""),
            ("08:00:03", ""),
            ("08:00:04", "08:01:04"),
            ("08:01:04", "08:03:04"),
            ("08:03:04", "08:07:04"),
            ("08:22:03", "08:30:03"),
            ("08:45:03", ""),
            ("08:59:59", ""),
            ("09:00:03", ""),
            ("09:00:04", ""),
            ("09:00:05", ""),
            ("09:00:06", ""),
            ("09:00:07", "09:01:07"),
        ] {
            let now = at(&format!("2017-03-01T{tried}Z"));
            assert_eq!(wait(tries.as_ref(), now, &settings), None, "{tried}");
            tries = Some(failed(tries, 5, now, &settings));
            let expected = (!locked_until.is_empty()).then(|| at(&format!("2017-03-01T{locked_until}Z")));
            assert_eq!(tries.unwrap().locked_until, expected, "{tried}");
        }
        let longest =
            Tries { failures: 4_000_000_000, first_at: at("2017-03-01T08:00:00Z"), locked_until: Some(at("2017-03-01T09:00:00Z")) };
        assert_eq!(failed(Some(longest), 5, at("2017-03-01T09:00:00Z"), &settings).locked_until, Some(at("2017-03-01T10:00:00Z")));
    }

    #[test]
    fn a_wait_ends_to_the_microsecond_and_is_rounded_up() {
        let settings = SignIn::default();
        let locked = Tries { failures: 5, first_at: at("2017-03-01T08:00:00Z"), locked_until: Some(at("2017-03-01T08:01:00Z")) };
        for (now, seconds) in [
            ("2017-03-01T08:00:00Z", Some(60)),
            ("2017-03-01T08:00:58.999999Z", Some(2)),
            ("2017-03-01T08:00:59.999999Z", Some(1)),
            ("2017-03-01T08:01:00Z", None),
        ] {
            assert_eq!(wait(Some(&locked), at(now), &settings).map(whole_seconds), seconds, "{now}");
        }
        assert_eq!(wait(None, at("2017-03-01T08:00:00Z"), &settings), None);
    }

    #[test]
    fn tries_that_a_wrong_clock_dated_ahead_hold_nobody_up() {
        let settings = SignIn::default();
        let now = at("2017-03-01T08:00:00Z");
        for (first_at, locked_until, waits_s, failures) in [
            // By a clock beside, a little ahead.
            ("2017-03-01T09:00:00Z", "", None, 8),
            ("2017-03-01T09:00:00Z", "2017-03-01T09:01:00Z", Some(3_660), 8),
            ("2017-03-01T07:50:00Z", "2017-03-01T10:00:00Z", Some(7_200), 8),
            // By one that was wrong, alone or from the second wait on.
            ("2017-03-01T09:00:00.000001Z", "", None, 1),
            ("2018-03-01T08:00:00Z", "2018-03-01T08:01:00Z", None, 1),
            ("2017-03-01T07:50:00Z", "2017-03-01T10:00:00.000001Z", None, 1),
        ] {
            let tries = Tries { failures: 7, first_at: at(first_at), locked_until: Instant::parse(locked_until) };
            assert_eq!(wait(Some(&tries), now, &settings).map(whole_seconds), waits_s, "{first_at} {locked_until}");
            assert_eq!(failed(Some(tries), 100, now, &settings).failures, failures, "{first_at} {locked_until}");
        }
        for (signed_in_at, begun_at) in [
            ("2017-02-28T20:00:00Z", "2017-02-28T20:00:00Z"),
            ("2017-03-01T09:00:00Z", "2017-03-01T09:00:00Z"),
            ("2017-03-01T09:00:00.000001Z", "2017-03-01T08:00:00Z"),
        ] {
            assert_eq!(begun(at(signed_in_at), now), at(begun_at), "{signed_in_at}");
        }
    }

    #[test]
    fn sources_and_names_are_counted_by_what_cannot_be_varied_freely() {
        for (a, b, same) in [
            ("10.0.0.1", "::ffff:10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ] {
            assert_eq!(source_key(a.parse().unwrap()) == source_key(b.parse().unwrap()), same, "{a} {b}");
        }
        let source = "10.0.0.1".parse().ok();
        assert_eq!(keys(" Søren ", source), keys("SØREN", source));
        assert_eq!(keys("A\u{30a}se", None), keys("åse", None));
        let mut all: Vec<_> = keys("10.0.0.1", source).into_iter().map(|(key, _)| key).chain([known_key("10.0.0.1", source)]).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 4);
        let signed_in = Tries { failures: 0, first_at: at("2017-03-01T08:00:00Z"), locked_until: None };
        for (now, known) in [("2017-03-01T08:00:00Z", true), ("2017-05-30T07:59:59Z", true), ("2017-05-30T08:00:00Z", false)] {
            assert_eq!(is_known(Some(&signed_in), at(now)), known, "{now}");
        }
        assert!(!is_known(None, at("2017-03-01T08:00:00Z")));
    }

    #[test]
    fn new_passwords_are_long_and_not_the_name() {
        let settings = SignIn::default();
        for (password, code) in [
            ("korrekt hest batteri", None),
            ("tolv tegn nu", None),
            ("elleve tegn", Some("too_short")),
            ("ååååååååååå", Some("too_short")),
            ("aaaaaaaaaaaaaaaa", Some("too_simple")),
            ("ababababababab", Some("too_simple")),
            ("Karla.Holm-2017", Some("too_simple")),
        ] {
            let password = Password::parse(password.to_owned()).unwrap();
            let refusal = check_new_password(&password, "karla.holm", "/password", &settings).err();
            let said = refusal.map(|error| {
                let Error::Refused(problem) = error else { unreachable!() };
                problem.errors[0].code
            });
            assert_eq!(said, code, "{}", password.as_str());
        }
    }
}
