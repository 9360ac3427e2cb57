//! Where a member of staff stands for a course: excluded by limits, or ranked by parts. Whole numbers only, so that it is the same everywhere.

pub mod hours;
pub mod limits;

use std::cmp::Reverse;

use chrono::{NaiveDate, TimeDelta};

use super::model::{Ask, Between, Candidate, Exclusion, Facts, Field, Kept, Missing, Part, Points, Ranked, Standing};
use crate::base::config::{Pairing, Weights};
use crate::base::db::CodeSet;
use crate::matching::proofs::Needs;

/// All of a part, in thousandths.
const WHOLE: u32 = 1_000;
/// Weekly minutes in common that are all of it.
const HOURS_ENOUGH_MIN: u32 = 600;
/// Languages beyond the needed one that are all of it.
const LANGUAGES_ENOUGH: u32 = 2;
/// From here on distance counts nothing.
const FAR_KM: u32 = 20;

/// What two have in common, measured once for the limits and for the parts.
struct Common {
    languages: u32,
    /// Minutes of the week, where both are known.
    shared_min: Option<i32>,
    /// How far it is between two places that are known.
    km: Option<u32>,
}

impl Common {
    fn of(candidate: &Candidate, ask: &Ask) -> Self {
        Self {
            languages: count(candidate.languages.iter().filter(|tag| ask.languages.contains(tag)).count()),
            shared_min: candidate.hours.as_ref().zip(ask.times.as_ref()).map(|(hours, times)| hours::shared_min(hours, times)),
            km: candidate.spot.zip(ask.spot).map(|(theirs, here)| theirs.km_to(here)),
        }
    }
}

/// Where a member of staff stands for a course.
pub fn rank(candidate: &Candidate, ask: &Ask, between: &Between, settings: &Pairing) -> Standing {
    let common = Common::of(candidate, ask);
    let exclusions = limits::exclusions(candidate, ask, between, &common, settings);
    if !exclusions.is_empty() {
        return Standing::Excluded(exclusions);
    }
    let parts: Vec<Points> = parts(candidate, ask, between, &common, settings).collect();
    Standing::Ranked(Ranked { score: parts.iter().map(|part| part.points).sum(), parts })
}

/// The sum of the parts of [`rank`] alone, or what excludes them, for whoever compares millions of pairs.
///
/// # Errors
/// What excludes them.
pub fn score(candidate: &Candidate, ask: &Ask, between: &Between, settings: &Pairing) -> Result<i64, CodeSet<Exclusion>> {
    let common = Common::of(candidate, ask);
    let exclusions = limits::exclusions(candidate, ask, between, &common, settings);
    if !exclusions.is_empty() {
        return Err(exclusions);
    }
    Ok(parts(candidate, ask, between, &common, settings).map(|part| part.points).sum())
}

/// What each part that is asked counts.
fn parts(candidate: &Candidate, ask: &Ask, between: &Between, common: &Common, settings: &Pairing) -> impl Iterator<Item = Points> {
    let shares = shares(candidate, ask, between, common, settings);
    shares.into_iter().filter_map(|(part, share)| share.map(|permille| points(part, permille, &settings.weights)))
}

/// How much there is of each part, in thousandths; `None`: it is not asked.
fn shares(candidate: &Candidate, ask: &Ask, between: &Between, common: &Common, settings: &Pairing) -> [(Part, Option<u32>); 8] {
    let (theirs, wished) = (&candidate.traits, &ask.traits);
    [
        (Part::Hours, Some(share(common.shared_min.map_or(0, i32::unsigned_abs), HOURS_ENOUGH_MIN))),
        (Part::Languages, Some(share(common.languages.saturating_sub(1), LANGUAGES_ENOUGH))),
        (Part::Values, Some(share(wished.values.in_common(theirs.values), wished.values.len()))),
        (Part::Dislikes, Some(share(wished.dislikes.in_common(theirs.dislikes), wished.dislikes.len()))),
        (Part::Interests, Some(share(wished.interests.in_common(theirs.interests), wished.interests.len()))),
        (Part::Distance, (!ask.is_protected).then(|| nearness(common))),
        (Part::Load, Some(load(candidate, ask, settings))),
        (Part::Continuity, Some(if between.ended_well { WHOLE } else { 0 })),
    ]
}

fn points(part: Part, permille: u32, weights: &Weights) -> Points {
    let weight = match part {
        Part::Hours => weights.hours,
        Part::Languages => weights.languages,
        Part::Values => weights.values,
        Part::Dislikes => weights.dislikes,
        Part::Interests => weights.interests,
        Part::Distance => weights.distance,
        Part::Load => weights.load,
        Part::Continuity => weights.continuity,
    };
    Points { part, weight, permille, points: i64::from(weight).saturating_mul(i64::from(permille)) / i64::from(WHOLE) }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How much `some` is of `all`; more is all, and nothing of nothing.
fn share(some: u32, all: u32) -> u32 {
    some.min(all).saturating_mul(WHOLE).checked_div(all).unwrap_or(0)
}

/// How near they are; what is not known is not near.
fn nearness(common: &Common) -> u32 {
    common.km.map_or(0, |km| share(FAR_KM.saturating_sub(km), FAR_KM))
}

/// Whether somebody began so shortly before a date that they come first once, and are not flooded.
pub fn is_newcomer(candidate: &Candidate, on: NaiveDate, settings: &Pairing) -> bool {
    on.signed_duration_since(candidate.from_on) < TimeDelta::days(settings.newcomer_days.into())
}

/// How much room there is. A newcomer comes first while nobody is proposed to them, and after that waits.
fn load(candidate: &Candidate, ask: &Ask, settings: &Pairing) -> u32 {
    match (is_newcomer(candidate, ask.on, settings), candidate.matches) {
        (true, 0) if !candidate.has_begun => WHOLE,
        (true, _) => 0,
        (false, matches) => {
            let (matches, capacity) = (matches.unsigned_abs(), candidate.capacity.unsigned_abs());
            share(capacity.saturating_sub(matches), capacity)
        }
    }
}

/// Where everybody stands for one course of a field (its place in `asks`), in the order of the candidates.
pub fn rank_all(field: &Field, at: usize, settings: &Pairing) -> Vec<Standing> {
    pairs(field, at).map(|(candidate, ask, between)| rank(candidate, ask, between, settings)).collect()
}

/// The scores of [`rank_all`] alone; `None`: excluded. Most pairs fail by what is seen at a glance.
pub fn score_all(field: &Field, at: usize, settings: &Pairing) -> Vec<Option<i64>> {
    let is_out = |candidate: &Candidate, ask: &Ask| limits::is_full(candidate) || !limits::has_kind(candidate, ask);
    let pairs = pairs(field, at);
    pairs.map(|(one, ask, between)| if is_out(one, ask) { None } else { score(one, ask, between, settings).ok() }).collect()
}

/// [`rank_all`] in the order that a coordinator reads: the best ranked first, then who is excluded, each by id. With the places of the
/// candidates.
pub fn in_order(field: &Field, at: usize, settings: &Pairing) -> Vec<(usize, Standing)> {
    let mut standings: Vec<(usize, Standing)> = rank_all(field, at, settings).into_iter().enumerate().collect();
    // Candidates stand by id, and the order is kept among equals.
    standings.sort_by_key(|(_, standing)| match standing {
        Standing::Ranked(ranked) => (false, Reverse(ranked.score)),
        Standing::Excluded(_) => (true, Reverse(0)),
    });
    standings
}

/// What two have in common.
pub fn facts(candidate: &Candidate, ask: &Ask) -> Facts {
    let (theirs, wished) = (&candidate.traits, &ask.traits);
    let Common { shared_min, km, .. } = Common::of(candidate, ask);
    Facts {
        languages: candidate.languages.iter().filter(|tag| ask.languages.contains(tag)).cloned().collect(),
        interests: theirs.interests.iter().filter(|interest| wished.interests.contains(*interest)).collect(),
        dislikes: theirs.dislikes.iter().filter(|dislike| wished.dislikes.contains(*dislike)).collect(),
        values: theirs.values.iter().filter(|value| wished.values.contains(*value)).collect(),
        shared_min,
        km: km.filter(|_| !ask.is_protected),
        matches: candidate.matches,
        capacity: candidate.capacity,
    }
}

/// What a proposal keeps of its rank.
pub fn keep(candidate: &Candidate, ask: &Ask, ranked: Ranked, settings: &Pairing) -> Kept {
    Kept {
        weights_version: settings.weights.version,
        score: ranked.score,
        parts: ranked.parts,
        facts: facts(candidate, ask),
        proof_ends_on: Needs::of(ask, settings).end_on(&candidate.certificates, ask.on, ask.until),
        leave_begins_on: limits::leave_begins_on(candidate, ask),
    }
}

fn pairs(field: &Field, at: usize) -> impl Iterator<Item = (&Candidate, &Ask, &Between)> {
    let mut known = field.between.get(at).map(Vec::as_slice).unwrap_or_default().iter().peekable();
    let asks = field.asks.get(at).into_iter();
    asks.flat_map(|ask| field.candidates.iter().enumerate().map(move |(place, candidate)| (place, candidate, ask))).map(
        move |(place, candidate, ask)| {
            let between = known.next_if(|(of, _)| *of == place).map_or(&Between::NOTHING, |(_, between)| between);
            (candidate, ask, between)
        },
    )
}

/// What is not known of the person and would match better; of a protected address no district is asked for.
pub fn missing_of_person(ask: &Ask) -> CodeSet<Missing> {
    CodeSet::of_flags([
        ask.born_on.is_none(),
        ask.languages_assumed,
        ask.times.is_none(),
        ask.spot.is_none() && !ask.is_protected,
        ask.traits.interests.is_empty(),
        ask.traits.dislikes.is_empty(),
        ask.traits.values.is_empty(),
    ])
}

/// What is not known of the member of staff and would match better.
pub fn missing_of_staff(candidate: &Candidate) -> CodeSet<Missing> {
    CodeSet::of_flags([
        false,
        false,
        candidate.hours.is_none(),
        candidate.spot.is_none(),
        candidate.traits.interests.is_empty(),
        candidate.traits.dislikes.is_empty(),
        candidate.traits.values.is_empty(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Instant;
    use crate::base::config::Spot;
    use crate::base::db::Coded;
    use crate::base::ids::IdSource;
    use crate::courses::model::Track;
    use crate::matching::ranking::model::{Asked, TraitSets};
    use crate::staff::model::{Certificate, CertificateKind, LanguageTag};
    use crate::staff::profile::{CoreValue, Dislike, Gender, Interest};

    pub(super) fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    pub(super) fn lang(tag: &str) -> LanguageTag {
        LanguageTag::parse(tag).unwrap()
    }

    /// A mentor and coach of some years with two of three matches, 5 km from the person of [`ask`].
    pub(super) fn able() -> Candidate {
        let kind = CertificateKind::ChildProtection;
        Candidate {
            staff: IdSource::seeded(1).next(),
            account: None,
            account_closed: false,
            mentor: true,
            parent_coach: true,
            languages: vec![lang("ar"), lang("da")],
            certificates: vec![Certificate { kind, issued_on: on("2025-01-01"), valid_until_on: Some(on("2026-12-31")) }],
            leaves: vec![(on("2026-07-01"), on("2026-07-14"))],
            capacity: 3,
            matches: 2,
            has_begun: false,
            from_on: on("2020-01-01"),
            left_on: None,
            loan_until_on: None,
            gender: Some(Gender::Woman),
            hours: Some(vec![(480, 600)]),
            spot: Some(Spot { east_m: 0, north_m: 0 }),
            travel_limit_km: None,
            traits: TraitSets::default(),
        }
    }

    /// A boy of 14.
    pub(super) fn ask() -> Ask {
        let ids = IdSource::seeded(2);
        Ask {
            course: ids.next(),
            case: ids.next(),
            person: ids.next(),
            family: ids.next(),
            hurdles: CodeSet::default(),
            track: Track::Mentor,
            waiting_since: Instant::parse("2026-03-01T08:00:00Z").unwrap(),
            on: on("2026-03-02"),
            until: on("2027-03-02"),
            born_on: Some(on("2012-03-02")),
            languages: vec![lang("da")],
            languages_assumed: false,
            gender: None,
            times: None,
            spot: Some(Spot { east_m: 3_000, north_m: 4_000 }),
            travel_limit_km: None,
            is_protected: false,
            traits: TraitSets::default(),
            asked: Asked::default(),
        }
    }

    fn permille(c: &Candidate, a: &Ask, b: &Between, s: &Pairing, part: Part) -> Option<u32> {
        let ranked = match rank(c, a, b, s) {
            Standing::Ranked(ranked) => Some(ranked),
            Standing::Excluded(_) => None,
        };
        let ranked = ranked.expect("nothing excludes them");
        assert_eq!(ranked.score, ranked.parts.iter().map(|part| part.points).sum::<i64>());
        assert_eq!(score(c, a, b, s), Ok(ranked.score));
        assert!(ranked.parts.iter().all(|part| part.points == i64::from(part.weight) * i64::from(part.permille) / 1_000));
        ranked.parts.iter().find(|points| points.part == part).map(|points| points.permille)
    }

    #[test]
    fn each_part_has_its_share() {
        type Change = fn(&mut Candidate, &mut Ask, &mut Between);
        #[rustfmt::skip]
        let cases: &[(&str, Part, Change, Option<u32>)] = &[
            ("nobody said when", Part::Hours, |_, _, _| {}, Some(0)),
            ("two of ten hours", Part::Hours, |_, a, _| a.times = Some(vec![(0, 900)]), Some(200)),
            ("more than ten", Part::Hours, |c, a, _| { a.times = Some(vec![(0, 900)]); c.hours = Some(vec![(0, 2_000)]); }, Some(1_000)),
            ("the needed language alone", Part::Languages, |_, _, _| {}, Some(0)),
            ("one more", Part::Languages, |_, a, _| a.languages.push(lang("ar")), Some(500)),
            ("three more", Part::Languages, |c, a, _| {
                let more = ["so", "ti", "en"].map(lang);
                a.languages.extend(more.clone());
                c.languages.extend(more);
            }, Some(1_000)),
            ("no values stated", Part::Values, |c, _, _| c.traits.values.insert(CoreValue::Calm), Some(0)),
            ("one of two values", Part::Values, |c, a, _| {
                a.traits.values = [CoreValue::Calm, CoreValue::Humour].into_iter().collect();
                c.traits.values = [CoreValue::Calm, CoreValue::Order].into_iter().collect();
            }, Some(500)),
            ("one of three dislikes", Part::Dislikes, |c, a, _| {
                a.traits.dislikes = [Dislike::Noise, Dislike::Mess, Dislike::Gossip].into_iter().collect();
                c.traits.dislikes.insert(Dislike::Gossip);
            }, Some(333)),
            ("every interest", Part::Interests, |c, a, _| {
                a.traits.interests.insert(Interest::Music);
                c.traits.interests = [Interest::Music, Interest::Dance].into_iter().collect();
            }, Some(1_000)),
            ("5 of 20 km", Part::Distance, |_, _, _| {}, Some(750)),
            ("next door", Part::Distance, |c, a, _| c.spot = a.spot, Some(1_000)),
            ("too far to count", Part::Distance, |c, _, _| c.spot = Some(Spot { east_m: 90_000, north_m: 0 }), Some(0)),
            ("nobody knows", Part::Distance, |c, _, _| c.spot = None, Some(0)),
            ("a protected address has no distance", Part::Distance, |_, a, _| a.is_protected = true, None),
            ("room for one of three", Part::Load, |_, _, _| {}, Some(333)),
            ("room for three of three", Part::Load, |c, _, _| c.matches = 0, Some(1_000)),
            ("a newcomer with nobody", Part::Load, |c, _, _| { c.from_on = on("2026-03-01"); c.matches = 0; }, Some(1_000)),
            ("a newcomer with somebody", Part::Load, |c, _, _| { c.from_on = on("2026-03-01"); c.matches = 1; }, Some(0)),
            ("89 days", Part::Load, |c, _, _| { c.from_on = on("2025-12-03"); c.matches = 1; }, Some(0)),
            ("90 days", Part::Load, |c, _, _| { c.from_on = on("2025-12-02"); c.matches = 1; }, Some(666)),
            ("nothing before", Part::Continuity, |_, _, _| {}, Some(0)),
            ("went well before", Part::Continuity, |_, _, b| b.ended_well = true, Some(1_000)),
        ];
        let mut seen = CodeSet::<Part>::default();
        for (name, part, change, expected) in cases {
            let (mut c, mut a, mut b) = (able(), ask(), Between::default());
            change(&mut c, &mut a, &mut b);
            assert_eq!(permille(&c, &a, &b, &Pairing::default(), *part), *expected, "{name}");
            seen.insert(*part);
        }
        assert_eq!(seen.iter().collect::<Vec<_>>(), Part::ALL);
    }

    #[test]
    fn what_lies_between_two_is_found_among_many() {
        let barred = Between { is_barred: true, ..Between::default() };
        let field = Field {
            candidates: vec![able(), able(), able()],
            asks: vec![ask(), ask()],
            between: vec![vec![(1, barred)], vec![(0, barred), (2, barred)]],
            ..Field::default()
        };
        let excluded = |at| score_all(&field, at, &Pairing::default()).iter().map(Option::is_none).collect::<Vec<_>>();
        assert_eq!((excluded(0), excluded(1), excluded(2)), (vec![false, true, false], vec![true, false, true], vec![]));
        let standing = rank_all(&field, 0, &Pairing::default());
        assert_eq!(standing[1], Standing::Excluded([Exclusion::Bar].into_iter().collect()));
    }

    #[test]
    fn what_is_missing_is_asked_for_but_no_place_of_a_protected_address() {
        let (mut person, mut staff) = (ask(), able());
        assert_eq!(
            missing_of_person(&person).iter().collect::<Vec<_>>(),
            [Missing::Hours, Missing::Interests, Missing::Dislikes, Missing::Values]
        );
        (person.spot, person.born_on, staff.spot, person.languages_assumed) = (None, None, None, true);
        person.traits.values.insert(CoreValue::Calm);
        let all = [Missing::BirthDate, Missing::Languages, Missing::Hours, Missing::District, Missing::Interests, Missing::Dislikes];
        assert_eq!(missing_of_person(&person).iter().collect::<Vec<_>>(), all);
        person.is_protected = true;
        assert!(!missing_of_person(&person).contains(Missing::District));
        assert!(missing_of_staff(&staff).contains(Missing::District));
    }
}
