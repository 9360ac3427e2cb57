//! Random 128-bit ids, one type a noun, so that a person's id can never be passed for a case's.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::chance;

/// An opaque id of one noun. Written as a lower-case hyphenated UUID; phones may bring their own.
pub struct Id<N>(Uuid, PhantomData<fn() -> N>);

impl<N> Id<N> {
    /// Wraps a known value.
    pub const fn from_uuid(value: Uuid) -> Self {
        Self(value, PhantomData)
    }

    /// The bare value.
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The same value as an id of another noun. Only for generic tables (`relations`, `journal`, `duties`) that hold many nouns.
    pub const fn cast<M>(self) -> Id<M> {
        Id::from_uuid(self.0)
    }
}

impl<N> Clone for Id<N> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<N> Copy for Id<N> {}
impl<N> PartialEq for Id<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<N> Eq for Id<N> {}
impl<N> PartialOrd for Id<N> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<N> Ord for Id<N> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<N> Hash for Id<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<N> fmt::Display for Id<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<N> fmt::Debug for Id<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<N> FromStr for Id<N> {
    type Err = NoId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // One form only, in small letters or in capitals: some phones write their own ids so.
        let is_plain = text.len() == Hyphenated::LENGTH;
        Uuid::try_parse(text).ok().filter(|_| is_plain).map(Self::from_uuid).ok_or(NoId)
    }
}

/// The text is no id: 32 hexadecimal digits, in groups of 8, 4, 4, 4 and 12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NoId;

impl<N> Serialize for Id<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, N> Deserialize<'de> for Id<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
impl<N> utoipa::PartialSchema for Id<N> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Uuid)))
            .into()
    }
}
impl<N> utoipa::ToSchema for Id<N> {}

macro_rules! nouns {
    ($($(#[$doc:meta])* $marker:ident => $id:ident),+ $(,)?) => {
        /// The nouns that have ids; never constructed.
        pub mod noun {
            $($(#[$doc])* #[derive(Debug)] pub enum $marker {})+
        }
        $($(#[$doc])* pub type $id = Id<noun::$marker>;)+
    };
}

nouns! {
    /// A sign-in identity.
    Account => AccountId,
    /// A sign-in on one phone or desk.
    Device => DeviceId,
    /// A partner agency.
    Agency => AgencyId,
    /// A young person, parent or other relative.
    Person => PersonId,
    /// A mentor, parent coach, coordinator or supervisor as a member of staff.
    Staff => StaffId,
    /// A concern handed in.
    Enquiry => EnquiryId,
    /// Who handed a concern in.
    Reporter => ReporterId,
    /// A founded concern.
    Case => CaseId,
    /// A voluntary course offered to one person.
    Offer => OfferId,
    /// An accepted offer.
    Course => CourseId,
    /// One member of staff for one course.
    Match => MatchId,
    /// The best set of pairs for everybody who waits.
    MatchingRun => MatchingRunId,
    /// A meeting.
    Session => SessionId,
    /// Sessions that come again.
    Series => SeriesId,
    /// What was logged of a meeting.
    Log => LogId,
    /// A consent.
    Consent => ConsentId,
    /// A goal plan.
    Plan => PlanId,
    /// A dated promise.
    Duty => DutyId,
    /// An outgoing message.
    Message => MessageId,
    /// A contact note.
    Note => NoteId,
    /// A yes or no to links in reminders.
    LinkChoice => LinkChoiceId,
    /// Sessions of several matches at one time.
    Joint => JointId,
    /// What somebody answered by a link.
    Answer => AnswerId,
    /// An alert on a person in a case.
    Alert => AlertId,
    /// A 6- or 12-month follow-up result.
    Followup => FollowupId,
    /// A coordination meeting's decision.
    Decision => DecisionId,
    /// A dated relation or bar.
    Relation => RelationId,
    /// Any other row that nobody refers to from outside its room.
    Row => RowId,
    /// A subject of any noun, in the generic tables.
    Any => AnyId,
}

/// Makes ids: by chance in service, by seed in tests and the demo (the same ids each run).
#[derive(Clone, Debug)]
pub enum IdSource {
    /// From the operating system.
    Chance,
    /// Counted up from a seed: repeatable, never for service.
    Seeded(std::sync::Arc<std::sync::atomic::AtomicU64>, u64),
}

impl IdSource {
    /// A repeatable source for tests and the demo.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0)), seed)
    }

    /// Begins again with its first id, so that what is done over again gets the same ids; nothing on chance.
    pub fn restart(&self) {
        if let Self::Seeded(count, _) = self {
            count.store(0, std::sync::atomic::Ordering::SeqCst);
        }
    }

    /// The next id.
    pub fn next<N>(&self) -> Id<N> {
        match self {
            Self::Chance => Id::from_uuid(uuid::Builder::from_random_bytes(chance::bytes()).into_uuid()),
            Self::Seeded(count, seed) => {
                let n = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                // Two rounds of a 64-bit mixer spread a counter over the whole range: repeatable, not secret.
                let (high, low) = (mix(n ^ mix(*seed)), mix(n.wrapping_add(mix(seed.wrapping_add(1)))));
                let bits = (u128::from(high) << 64) | u128::from(low);
                Id::from_uuid(uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid())
            }
        }
    }
}

/// The ids of one call. On chance they begin alike, and tell no more than that: what is written together then stands together in every
/// index, some pages instead of one a row.
#[derive(Clone, Copy, Debug)]
pub struct Ids<'a> {
    source: &'a IdSource,
    beginning: u64,
}

impl<'a> Ids<'a> {
    /// For a call that is about to begin.
    pub fn of_a_call(source: &'a IdSource) -> Self {
        Self { source, beginning: u64::from_be_bytes(chance::bytes()) }
    }

    /// The next id. Nobody who knows one can guess another.
    pub fn next<N>(self) -> Id<N> {
        match self.source {
            IdSource::Chance => {
                let bits = (u128::from(self.beginning) << 64) | u128::from(u64::from_be_bytes(chance::bytes()));
                Id::from_uuid(uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid())
            }
            source @ IdSource::Seeded(..) => source.next(),
        }
    }
}

/// A 64-bit finaliser (SplitMix64's constants): every input bit moves every output bit.
fn mix(value: u64) -> u64 {
    let a = (value.wrapping_add(0x9E37_79B9_7F4A_7C15) ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    b ^ (b >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_form() {
        let text = "0b9f6d1c-52c1-4d6e-9d39-0f2f4b0a8a11";
        for text in [text.to_owned(), text.to_uppercase()] {
            assert_eq!(text.parse::<PersonId>().unwrap().to_string(), text.to_lowercase());
            assert_eq!(serde_json::from_str::<PersonId>(&format!("\"{text}\"")).unwrap().to_string(), text.to_lowercase());
        }
        for other in [text.replace('-', ""), format!("urn:uuid:{text}"), format!("{{{text}}}"), format!("{text} "), String::new()] {
            assert_eq!(other.parse::<PersonId>(), Err(NoId), "{other}");
            assert!(serde_json::from_str::<PersonId>(&format!("\"{other}\"")).is_err(), "{other}");
        }
    }

    #[test]
    fn the_ids_of_a_call_begin_alike_and_end_by_chance() {
        let (one, other) = (Ids::of_a_call(&IdSource::Chance), Ids::of_a_call(&IdSource::Chance));
        let ids: std::collections::BTreeSet<[u8; 16]> = (0..1_000).map(|_| *one.next::<noun::Any>().uuid().as_bytes()).collect();
        let (beginnings, ends): (std::collections::BTreeSet<_>, std::collections::BTreeSet<_>) =
            ids.iter().map(|id| id.split_at(8)).unzip();
        assert_eq!((beginnings.len(), ends.len()), (1, 1_000));
        assert_ne!(*beginnings.first().unwrap(), &other.next::<noun::Any>().uuid().as_bytes()[..8]);
        assert!(ids.iter().all(|id| uuid::Uuid::from_bytes(*id).get_version() == Some(uuid::Version::Random)));
        let seeded = IdSource::seeded(7);
        let first: PersonId = Ids::of_a_call(&seeded).next();
        seeded.restart();
        assert_eq!(seeded.next::<noun::Person>(), first, "a seed gives the same ids, call or none");
    }

    #[test]
    fn a_seeded_source_repeats_and_never_collides() {
        let ids = |seed| {
            (0..10_000)
                .map({
                    let s = IdSource::seeded(seed);
                    move |_| s.next::<noun::Person>()
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(7), ids(7));
        assert_ne!(ids(7), ids(8));
        let source = IdSource::seeded(7);
        let first: PersonId = source.next();
        source.restart();
        assert_eq!(source.next::<noun::Person>(), first);
        assert_eq!(ids(7).iter().collect::<std::collections::HashSet<_>>().len(), 10_000);
    }
}
