//! What people like, dislike and hold dear, where they are and whom they would rather meet.

use crate::base::value::{Text, is_code};
use crate::{coded, shaped};

coded! {
    /// A gender as somebody states it; never derived.
    pub enum Gender {
        /// Woman.
        Woman = "woman" : "Kvinde" / "Woman",
        /// Man.
        Man = "man" : "Mand" / "Man",
        /// Another.
        Other = "other" : "Andet" / "Other",
    }
}

coded! {
    /// What somebody likes to do.
    pub enum Interest {
        /// Football.
        Football = "football" : "Fodbold" / "Football",
        /// Ball games other than football.
        BallGames = "ball_games" : "Boldspil" / "Ball games",
        /// Strength training, running.
        Fitness = "fitness" : "Træning og løb" / "Fitness and running",
        /// Boxing, judo and the like.
        MartialArts = "martial_arts" : "Kampsport" / "Martial arts",
        /// Swimming, sailing, fishing.
        Water = "water" : "Svømning, sejlads og fiskeri" / "Swimming, sailing, fishing",
        /// Walks, camping, nature.
        Outdoors = "outdoors" : "Natur og friluftsliv" / "Nature and outdoors",
        /// Skating, cycling and the like.
        Wheels = "wheels" : "Cykel og skateboard" / "Cycling and skating",
        /// Computer games.
        Gaming = "gaming" : "Computerspil" / "Computer games",
        /// Chess, cards, board games.
        BoardGames = "board_games" : "Skak, kort og brætspil" / "Chess, cards, board games",
        /// Listening to or making music.
        Music = "music" : "Musik" / "Music",
        /// Dance.
        Dance = "dance" : "Dans" / "Dance",
        /// Films and series.
        Film = "film" : "Film og serier" / "Films and series",
        /// Books and writing.
        Reading = "reading" : "Bøger og skrivning" / "Books and writing",
        /// Drawing, photographs, sewing.
        Arts = "arts" : "Kunst, foto og håndarbejde" / "Arts and crafts",
        /// Building and repairing things.
        Building = "building" : "Byggeri og reparation" / "Building and repairing",
        /// Cars and motorcycles.
        Motors = "motors" : "Biler og motorcykler" / "Cars and motorcycles",
        /// Programming and technology.
        Technology = "technology" : "Teknik og programmering" / "Technology and programming",
        /// Cooking and baking.
        Cooking = "cooking" : "Madlavning" / "Cooking",
        /// Animals.
        Animals = "animals" : "Dyr" / "Animals",
        /// Clothes and style.
        Fashion = "fashion" : "Tøj og stil" / "Clothes and style",
        /// Science, history, how things are.
        Knowledge = "knowledge" : "Videnskab og historie" / "Science and history",
        /// Working, earning, starting something.
        Enterprise = "enterprise" : "Arbejde og iværksætteri" / "Work and enterprise",
        /// Doing something for others.
        Volunteering = "volunteering" : "Frivilligt arbejde" / "Volunteering",
    }
}

coded! {
    /// What somebody would rather be without.
    pub enum Dislike {
        /// Early mornings.
        EarlyMornings = "early_mornings" : "Tidlige morgener" / "Early mornings",
        /// Being late.
        Lateness = "lateness" : "At komme for sent" / "Being late",
        /// Plans that change at the last minute.
        ChangedPlans = "changed_plans" : "Planer, der ændres" / "Changed plans",
        /// Everything planned ahead.
        FixedPlans = "fixed_plans" : "Faste planer" / "Fixed plans",
        /// Loud places.
        Noise = "noise" : "Larm" / "Noise",
        /// Crowds.
        Crowds = "crowds" : "Mange mennesker" / "Crowds",
        /// Sitting still.
        SittingStill = "sitting_still" : "At sidde stille" / "Sitting still",
        /// Small talk.
        SmallTalk = "small_talk" : "Smalltalk" / "Small talk",
        /// Telephone calls.
        PhoneCalls = "phone_calls" : "Telefonsamtaler" / "Telephone calls",
        /// Competitions.
        Competition = "competition" : "Konkurrence" / "Competition",
        /// Losing at games.
        Losing = "losing" : "At tabe i spil" / "Losing at games",
        /// Being told what to do.
        BeingTold = "being_told" : "At få besked på noget" / "Being told what to do",
        /// Gossip.
        Gossip = "gossip" : "Sladder" / "Gossip",
        /// Showing off.
        ShowingOff = "showing_off" : "Praleri" / "Showing off",
        /// Untidiness.
        Mess = "mess" : "Rod" / "Mess",
        /// Bad weather.
        BadWeather = "bad_weather" : "Dårligt vejr" / "Bad weather",
    }
}

coded! {
    /// What somebody holds dear in people.
    pub enum CoreValue {
        /// Honesty.
        Honesty = "honesty" : "Ærlighed" / "Honesty",
        /// Humour.
        Humour = "humour" : "Humor" / "Humour",
        /// Loyalty.
        Loyalty = "loyalty" : "Loyalitet" / "Loyalty",
        /// Fairness.
        Fairness = "fairness" : "Retfærdighed" / "Fairness",
        /// Calm.
        Calm = "calm" : "Ro" / "Calm",
        /// Independence.
        Independence = "independence" : "Selvstændighed" / "Independence",
        /// Togetherness.
        Togetherness = "togetherness" : "Fællesskab" / "Togetherness",
        /// Helpfulness.
        Helpfulness = "helpfulness" : "Hjælpsomhed" / "Helpfulness",
        /// Perseverance.
        Perseverance = "perseverance" : "Vedholdenhed" / "Perseverance",
        /// Curiosity.
        Curiosity = "curiosity" : "Nysgerrighed" / "Curiosity",
        /// Creativity.
        Creativity = "creativity" : "Kreativitet" / "Creativity",
        /// Order.
        Order = "order" : "Orden" / "Order",
        /// Courage.
        Courage = "courage" : "Mod" / "Courage",
        /// Kindness.
        Kindness = "kindness" : "Venlighed" / "Kindness",
        /// Responsibility.
        Responsibility = "responsibility" : "Ansvar" / "Responsibility",
    }
}

shaped! {
    /// A district of the municipality as its code, 1 to 40 of `a-z`, `0-9`, `_` and `-`; the settings say which there are.
    pub struct DistrictCode: is_code, "^[a-z0-9_-]{1,40}$", "north", "A district as its code; `districts` of `/v1/meta` lists them."
}

/// What somebody likes, dislikes and holds dear: each code once, in the order of its list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Likes to do.
    pub interests: Vec<Interest>,
    /// Would rather be without.
    pub dislikes: Vec<Dislike>,
    /// Holds dear.
    pub values: Vec<CoreValue>,
}

impl Traits {
    /// Each code once, in one order.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        self.interests.sort_unstable();
        self.interests.dedup();
        self.dislikes.sort_unstable();
        self.dislikes.dedup();
        self.values.sort_unstable();
        self.values.dedup();
        self
    }
}

/// What of a member of staff ranks them; nothing sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileFacts {
    /// As they state it.
    pub gender: Option<Gender>,
    /// Where they start from.
    pub district: Option<DistrictCode>,
    /// How far they go, in kilometres between the centres of districts.
    pub travel_limit_km: Option<i32>,
    /// Likes, dislikes, values.
    pub traits: Traits,
}

/// What ranks a member of staff, opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What is not sealed of it.
    pub facts: ProfileFacts,
    /// Whom they would rather meet, in words.
    pub prefers: Option<Text>,
}
