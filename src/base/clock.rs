//! Instants and the one clock: time comes in as a value, read when a request arrives and when the tick comes round.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment in UTC with microsecond precision, between the years 1900 and 2200.
///
/// Written as RFC 3339 with `Z`. Every `*_at` in the product is one of these; local dates are `chrono::NaiveDate` (`*_on`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// 1900-01-01T00:00:00Z in microseconds.
const EARLIEST: i64 = -2_208_988_800_000_000;
/// 2200-01-01T00:00:00Z in microseconds.
const LATEST: i64 = 7_258_118_400_000_000;

/// How far the clocks of processes over one database may stand apart. What one of them wrote down further ahead of now, a clock wrote that was wrong.
const APART: TimeDelta = TimeDelta::hours(1);

/// How far the clock of whoever states a moment may be ahead of ours.
const DRIFT: TimeDelta = TimeDelta::minutes(5);

impl Instant {
    /// From microseconds since 1970-01-01T00:00:00Z; moments outside 1900..2200 are clamped to its ends.
    pub const fn from_micros(micros: i64) -> Self {
        if micros < EARLIEST {
            Self(EARLIEST)
        } else if micros > LATEST {
            Self(LATEST)
        } else {
            Self(micros)
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This moment plus an elapsed span (hours run through nights, weekends and changes of daylight saving).
    #[must_use]
    pub fn plus(self, span: TimeDelta) -> Self {
        Self::from_micros(self.0.saturating_add(span.num_microseconds().unwrap_or(i64::MAX)))
    }

    /// This moment less an elapsed span.
    #[must_use]
    pub fn minus(self, span: TimeDelta) -> Self {
        Self::from_micros(self.0.saturating_sub(span.num_microseconds().unwrap_or(i64::MAX)))
    }

    /// The last moment that a process beside may take for now, where it is this moment here: what happened later, it did by a clock that was wrong.
    #[must_use]
    pub fn latest_now(self) -> Self {
        self.plus(APART)
    }

    /// A moment that somebody states, by our clock: what is a little ahead of now is now, for no two clocks agree.
    #[must_use]
    pub fn stated(self, now: Self) -> Self {
        if self > now && self <= now.plus(DRIFT) { now } else { self }
    }

    /// The first moment after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self::from_micros(self.0.saturating_add(1))
    }

    /// Elapsed time from `earlier` to this moment (negative when `earlier` is later).
    pub fn since(self, earlier: Self) -> TimeDelta {
        TimeDelta::microseconds(self.0.saturating_sub(earlier.0))
    }

    /// As chrono's UTC date-time, for zone arithmetic in `base::calendar`.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// From chrono, cut to whole microseconds.
    pub fn from_utc(at: DateTime<Utc>) -> Self {
        Self::from_micros(at.timestamp_micros())
    }

    /// Reads RFC 3339 with any offset; `None` when it is not one or lies outside 1900..2200.
    pub fn parse(text: &str) -> Option<Self> {
        let micros = DateTime::parse_from_rfc3339(text).ok()?.timestamp_micros();
        (EARLIEST..LATEST).contains(&micros).then_some(Self(micros))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("expected an RFC 3339 date-time between 1900 and 2200"))
    }
}

impl utoipa::PartialSchema for Instant {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        date_time().into()
    }
}
impl utoipa::ToSchema for Instant {}

fn date_time() -> utoipa::openapi::ObjectBuilder {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
}

/// The name under which a [`Stated`] asks to be read: by whoever knows what time it is.
pub const STATED: &str = "Stated";

/// When something happened, as whoever writes it down says, in a body ([`crate::base::http::Body`]): up to five minutes ahead of our clock it is now.
/// Whether it can be so is for the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated(Instant);

impl Stated {
    /// The moment.
    pub const fn at(self) -> Instant {
        self.0
    }
}

/// Reads a moment of a fact as [`Stated`], where a body holds the fact whole (`deserialize_with`): the moments of one body are read by one clock.
///
/// # Errors
/// When it is none.
pub fn stated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
    Stated::deserialize(deserializer).map(Stated::at)
}

/// The same, of a moment that may be left out.
///
/// # Errors
/// When it is none.
pub fn stated_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
    Option::deserialize(deserializer).map(|stated| stated.map(Stated::at))
}

impl<'de> Deserialize<'de> for Stated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Said;
        impl<'de> de::Visitor<'de> for Said {
            type Value = Stated;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a moment")
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Stated, D::Error> {
                Instant::deserialize(deserializer).map(Stated)
            }
        }
        deserializer.deserialize_newtype_struct(STATED, Said)
    }
}

impl utoipa::PartialSchema for Stated {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let said =
            "When it happened: not after now by the server's clock (`Date`), 422 `after_now`. Up to five minutes ahead counts as now.";
        date_time().description(Some(said)).into()
    }
}
impl utoipa::ToSchema for Stated {}

/// Where `now` comes from: the machine, or a hand that moves it (demo and tests).
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands until it is set.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at` until moved with [`Clock::set`].
    pub fn manual(at: Instant) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.micros())))
    }

    /// The moment it is now. Call it once per request or tick and hand the value on.
    pub fn now(&self) -> Instant {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
            Self::System => Instant::from_utc(Utc::now()),
            Self::Manual(at) => Instant::from_micros(at.load(Ordering::SeqCst)),
        }
    }

    /// Whether it is the machine's: another machine's may stand elsewhere.
    pub const fn is_of_machine(&self) -> bool {
        matches!(self, Self::System)
    }

    /// Moves a manual clock; false (and nothing done) on the machine's clock.
    pub fn set(&self, to: Instant) -> bool {
        match self {
            Self::System => false,
            Self::Manual(at) => {
                at.store(to.micros(), Ordering::SeqCst);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_offsets_and_writes_utc() {
        let at = Instant::parse("2017-03-23T19:39:23+01:00").unwrap();
        assert_eq!(at.to_string(), "2017-03-23T18:39:23Z");
        assert_eq!(Instant::parse("2017-03-23"), None);
        assert_eq!(Instant::parse("9999-03-23T18:39:23Z"), None);
        assert_eq!(Instant::parse("0001-03-23T18:39:23Z"), None);
    }

    #[test]
    fn a_clock_that_is_a_little_ahead_says_now() {
        let at = |text: &str| Instant::parse(text).unwrap();
        let now = at("2026-03-02T10:00:00.5Z");
        for (said, read) in [
            ("2026-03-02T09:59:59Z", "2026-03-02T09:59:59Z"),
            ("2026-03-02T10:00:00.500001Z", "2026-03-02T10:00:00.5Z"),
            ("2026-03-02T10:05:00.5Z", "2026-03-02T10:00:00.5Z"),
            ("2026-03-02T10:05:00.500001Z", "2026-03-02T10:05:00.500001Z"),
        ] {
            assert_eq!(at(said).stated(now), at(read), "{said}");
        }
    }

    #[test]
    fn arithmetic_stays_inside_its_range() {
        assert_eq!(Instant::from_micros(i64::MAX), Instant::from_micros(LATEST));
        assert_eq!(Instant::from_micros(LATEST).plus(TimeDelta::MAX), Instant::from_micros(LATEST));
    }
}
