//! The nine-month case (domain section 9): a father, a boy of 16 and his sister, from a concern to the year's figures.

mod intake;
mod offers;

use std::io::Write;

use chrono::NaiveDate;

use super::cast::{Cast, FIRST};
use super::expect::Played;
use super::stage::Stage;
use super::story::Story;
use crate::base::error::Result;

/// The family, once it is on record.
pub struct Family {
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
    stage.begin(story.at(0, 8, 0), FIRST.0, FIRST.1).await?;
    let played = async {
        let cast = Cast::enter(stage.api()?).await.map_err(|wrong| story.went_wrong(&wrong))?;
        story.watched_by(&cast.eva);
        acts(&story, &cast).await.map_err(|wrong| story.went_wrong(&wrong))
    };
    played.await
}

async fn acts(story: &Story<'_>, cast: &Cast) -> Played {
    let family = intake::until_referred(story, cast).await?;
    offers::until_accepted(story, cast, &family).await
}
