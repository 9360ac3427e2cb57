//! Accounts and agencies.

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::access::Role;
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, AgencyId};
use crate::base::language::Language;
use crate::base::value::{Email, Flaw, Line, folded};
use crate::base::vault::Sealed;
use crate::coded;

coded! {
    /// What kind of agency a partner works at.
    pub enum AgencyKind {
        /// Social services (socialforvaltningen).
        SocialServices = "social_services" : "Socialforvaltning" / "Social services",
        /// A school.
        School = "school" : "Skole" / "School",
        /// Schools, social services and police together.
        Ssp = "ssp" : "SSP" / "SSP",
        /// The police.
        Police = "police" : "Politi" / "Police",
        /// Probation (Kriminalforsorgen).
        Probation = "probation" : "Kriminalforsorg" / "Probation",
        /// Psychiatry.
        Psychiatry = "psychiatry" : "Psykiatri" / "Psychiatry",
        /// A housing association.
        Housing = "housing" : "Boligorganisation" / "Housing",
        /// Another one.
        Other = "other" : "Anden" / "Other",
    }
}

const NAME_MIN: usize = 2;
const NAME_MAX: usize = 64;

/// What is typed at sign-in: 2 to 64 letters, digits and `. - _ @ +`, kept in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName(String);

impl AccountName {
    /// Reads a name.
    ///
    /// # Errors
    /// The flaw: too long, too short or with other characters.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let name = folded(text);
        let count = name.chars().count();
        if count > NAME_MAX {
            return Err(Flaw::TooLong);
        }
        let sound = count >= NAME_MIN && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+'));
        if sound { Ok(Self(name)) } else { Err(Flaw::WrongValue) }
    }

    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for AccountName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
impl utoipa::PartialSchema for AccountName {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(NAME_MIN)).max_length(Some(NAME_MAX));
        let text = text.description(Some("Letters, digits, `.`, `_`, `-`, `@` and `+`; capital letters do not matter."));
        text.examples(["eva.holm"]).into()
    }
}
impl utoipa::ToSchema for AccountName {}

/// How an account's owner is called and reached; sealed under the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name shown to colleagues.
    pub display_name: Line,
    /// Where the account's own mail goes.
    pub email: Option<Email>,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What is typed at sign-in.
    pub name: AccountName,
    /// Who it is.
    pub profile: Profile,
    /// The language of its messages.
    pub language: Language,
    /// What it may do; at least one.
    pub roles: Vec<Role>,
    /// The agency of a partner.
    pub agency: Option<AgencyId>,
    /// The hash of its first password.
    pub password_hash: String,
}

/// An account as it stands.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What is typed at sign-in.
    pub name: String,
    /// Who it is, sealed.
    pub profile: Sealed<Profile>,
    /// The language of its messages.
    pub language: Language,
    /// The agency of a partner.
    pub agency: Option<AgencyId>,
    /// Since when nobody can sign in to it.
    pub disabled_at: Option<Instant>,
    /// When it was made.
    pub recorded_at: Instant,
    /// Its version.
    pub version: i64,
}

/// An account, opened, with the roles it holds now.
#[derive(Clone, Debug)]
pub struct OpenAccount {
    /// The account.
    pub account: Account,
    /// Who it is.
    pub profile: Profile,
    /// What it may do.
    pub roles: Vec<Role>,
}

/// How an account's messages reach it.
#[derive(Clone, Debug)]
pub struct Contact {
    /// Where its mail goes.
    pub email: Option<Email>,
    /// The language of its messages.
    pub language: Language,
}

/// The key of the lists' order: oldest first.
pub(super) type ByAge<Id> = (Instant, Id);

/// Which accounts a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AccountFilter {
    pub(super) role: Option<Role>,
    pub(super) agency: Option<AgencyId>,
    pub(super) disabled: Option<bool>,
}

/// A partner's agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// What it is called.
    pub name: String,
    /// What kind it is.
    pub kind: AgencyKind,
    /// When it was entered.
    pub recorded_at: Instant,
    /// Its version.
    pub version: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_whatever_their_case() {
        for (typed, name) in [
            (" Eva.Holm ", Ok("eva.holm")),
            ("SØREN-1@kommune.dk", Ok("søren-1@kommune.dk")),
            ("a", Err(Flaw::WrongValue)),
            ("eva holm", Err(Flaw::WrongValue)),
            ("eva\u{30a}", Ok("evå")),
            ("ev\u{30a}", Err(Flaw::WrongValue)),
            ("", Err(Flaw::WrongValue)),
        ] {
            assert_eq!(AccountName::parse(typed).as_ref().map(AccountName::as_str), name.as_ref().copied(), "{typed}");
        }
        assert_eq!(AccountName::parse(&"x".repeat(65)), Err(Flaw::TooLong));
    }
}
