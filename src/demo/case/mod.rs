//! The nine-month case (domain section 9): a father, a boy of 16 and his sister, from a concern to the year's figures.

mod autumn;
pub mod figures;
mod intake;
mod matches;
mod offers;
mod spring;
mod winter;

use std::io::Write;

use chrono::NaiveDate;

use super::cast::{Cast, FIRST};
use super::expect::Played;
use super::stage::Stage;
use super::story::Story;
use crate::base::error::Result;

/// The family, once it is on record.
pub struct Family {
    /// The enquiry it came by.
    pub enquiry: String,
    /// Its case.
    pub case: String,
    /// Finn.
    pub father: String,
    /// Bo.
    pub boy: String,
    /// Gry.
    pub sister: String,
}

/// Plays the case.
///
/// # Errors
/// The first expectation that is not met.
pub async fn play(stage: &Stage, out: &mut dyn Write) -> Result<()> {
    // A Thursday: the home visit on D3 finds the family at home on a Sunday.
    let story = Story::new(stage, out, NaiveDate::from_ymd_opt(2025, 1, 9).unwrap_or_default());
    story.line("\nTHE NINE MONTHS: a father (Finn), a boy of 16 (Bo), his sister (Gry)");
    stage.begin(story.at(0, 8, 0), &FIRST).await?;
    acts(&story).await.map_err(|wrong| story.went_wrong(&wrong))
}

async fn acts(story: &Story<'_>) -> Played {
    let cast = Cast::enter(story.stage, story).await?;
    let family = intake::until_referred(story, &cast).await?;
    let offers = offers::until_accepted(story, &cast, &family).await?;
    let pairs = matches::until_met(story, &cast, &family, &offers).await?;
    winter::until_found(story, &cast, &family, &pairs).await?;
    spring::until_autumn(story, &cast, &family, &pairs).await?;
    autumn::until_followed_up(story, &cast, &family, &pairs, &offers).await?;
    story.discreet()
}
