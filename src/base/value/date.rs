//! Dates that people type.

use chrono::{Datelike, NaiveDate};
use serde::de;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::Flaw;

/// A calendar date of the input between 1900-01-01 and 2199-12-31, written YYYY-MM-DD and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Day(NaiveDate);

impl Day {
    /// Reads what a client sent.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let shaped =
            text.len() == 10 && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        let date = text.parse::<NaiveDate>().ok().filter(|date| shaped && (1900..2200).contains(&date.year()));
        date.map(Self).ok_or(Flaw::NotADate)
    }

    /// The local date.
    pub const fn date(self) -> NaiveDate {
        self.0
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        let date = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)));
        date.description(Some("A local calendar date from 1900 to 2199.")).into()
    }
}
impl ToSchema for Day {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_exist_in_the_calendar() {
        assert_eq!(Day::parse("2028-02-29").unwrap().date(), NaiveDate::from_ymd_opt(2028, 2, 29).unwrap());
        for bad in
            ["2027-02-29", "2027-13-01", "2027-2-1", "+2027-02-1", "1899-12-31", "2200-01-01", "99999-01-01", "", "2027-02-01T00:00:00Z"]
        {
            assert_eq!(Day::parse(bad), Err(Flaw::NotADate), "{bad}");
        }
    }
}
