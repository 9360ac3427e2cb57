//! What a sign-in is made of: a password, a device, two tokens.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use zeroize::Zeroizing;

use crate::access::door::token_hash;
use crate::base::chance;
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, DeviceId};
use crate::base::value::{Flaw, Line, composed};
use crate::base::vault::Sealed;
use crate::coded;

coded! {
    /// Where somebody signs in; it decides how long they stay so.
    pub enum DeviceKind {
        /// A telephone, often offline.
        Phone = "phone" : "Telefon" / "Phone",
        /// A desk: gone at the end of the day.
        Desk = "desk" : "Arbejdsplads" / "Desk",
    }
}

coded! {
    /// Why a device was signed out before its time.
    pub enum SignedOut {
        /// By its own account.
        Own = "own" : "Logget ud" / "Signed out",
        /// Its account's password was changed.
        PasswordChanged = "password_changed" : "Adgangskoden er skiftet" / "The password was changed",
        /// By a coordinator.
        ByCoordinator = "by_coordinator" : "Logget ud af en koordinator" / "Signed out by a coordinator",
        /// Its account was disabled.
        AccountDisabled = "account_disabled" : "Kontoen er lukket" / "The account was disabled",
        /// One of its refresh tokens was used again: somebody else may hold a copy.
        TokenReused = "token_reused" : "Et brugt adgangsbevis blev brugt igen" / "A used token was used again",
    }
}

coded! {
    /// Who carries a push to a device.
    pub enum PushProvider {
        /// Firebase Cloud Messaging.
        Fcm = "fcm" : "Firebase Cloud Messaging" / "Firebase Cloud Messaging",
    }
}

const PASSWORD_MAX: usize = 256;
const PUSH_TOKEN_MAX: usize = 1024;

/// A password as typed: 1 to 256 characters. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Reads what was typed. Nothing is trimmed; keyboards write one letter in several ways, which are one password.
    ///
    /// # Errors
    /// The flaw, when it is empty or too long, or has NUL in it, which no keyboard types.
    pub fn parse(text: String) -> Result<Self, Flaw> {
        let typed = Zeroizing::new(text);
        if typed.contains('\0') {
            return Err(Flaw::ControlCharacter);
        }
        let text = Zeroizing::new(composed(&typed).into_owned());
        match text.chars().take(PASSWORD_MAX + 1).count() {
            0 => Err(Flaw::Empty),
            1..=PASSWORD_MAX => Ok(Self(text)),
            _ => Err(Flaw::TooLong),
        }
    }

    /// The text, for hashing and for the rules of a new one.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}
impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
impl utoipa::PartialSchema for Password {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
        text.min_length(Some(1)).max_length(Some(PASSWORD_MAX)).into()
    }
}
impl utoipa::ToSchema for Password {}

/// What a token is for; its prefix says so, for scanners of leaked secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Access,
    Refresh,
}

impl TokenKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Access => "mka_",
            Self::Refresh => "mkr_",
        }
    }
}

/// A token as its device holds it: a prefix and 32 random bytes. Only its hash is stored.
#[derive(Clone)]
pub(super) struct Token(Zeroizing<String>);

impl Token {
    pub(super) fn mint(kind: TokenKind) -> Self {
        Self(Zeroizing::new(format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(chance::bytes::<32>()))))
    }

    /// The token a client sent; `None` for what we never gave.
    pub(super) fn parse(kind: TokenKind, text: &str) -> Option<Self> {
        let random = URL_SAFE_NO_PAD.decode(text.strip_prefix(kind.prefix())?).ok()?;
        (random.len() == 32).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        token_hash(&self.0)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The two tokens of one answer. Made before the transaction, so that a second run of it gives the same ones.
pub(super) struct Pair {
    pub(super) access: Token,
    pub(super) refresh: Token,
}

impl Pair {
    pub(super) fn mint() -> Self {
        Self { access: Token::mint(TokenKind::Access), refresh: Token::mint(TokenKind::Refresh) }
    }
}

/// Until when the tokens of one answer hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) account: AccountId,
    pub(super) device: DeviceId,
    pub(super) access_until: Instant,
    pub(super) refresh_until: Instant,
}

/// Who tries to sign in, and with what.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    /// The name as typed.
    pub(super) name: String,
    /// The address it came from, as far as the trusted proxies say.
    pub(super) source: Option<IpAddr>,
    pub(super) kind: DeviceKind,
    pub(super) label: Line,
}

/// The account of a name, as far as a sign-in looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) account: AccountId,
    /// `None` for a disabled account: no password is right then.
    pub(super) password_hash: Option<String>,
}

/// How long a source from which somebody signed in to an account is taken for a place of its owner: as long as a phone may stay signed in by default.
pub const SOURCE_KNOWN_DAYS: i64 = 90;

/// Wrong tries under one key. None at all: somebody signed in from there, then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tries {
    pub(super) failures: u32,
    pub(super) first_at: Instant,
    pub(super) locked_until: Option<Instant>,
}

/// A stored refresh token, as far as its next use is judged by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RefreshToken {
    pub(super) expires_at: Instant,
    /// Its first use.
    pub(super) used_at: Option<Instant>,
    /// The first use of a token made from it.
    pub(super) child_used_at: Option<Instant>,
    /// The first use of a token made from the same one, be it this or another.
    pub(super) sibling_used_at: Option<Instant>,
}

/// A sign-in on one phone or desk.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub account: AccountId,
    /// Phone or desk.
    pub kind: DeviceKind,
    /// What its owner calls it.
    pub label: String,
    /// Where a push for it goes, sealed under the account.
    pub push_target: Option<Sealed<PushTarget>>,
    /// A keyed hash of it, by which the same phone is known under another sign-in.
    pub push_hash: Option<Vec<u8>>,
    /// When the sign-in began.
    pub signed_in_at: Instant,
    /// When it was last refreshed.
    pub seen_at: Instant,
    /// When it ends, however often it is refreshed.
    pub ends_at: Instant,
    /// Its version.
    pub version: i64,
}

/// Where a push for a device goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PushTarget {
    /// Who carries it.
    pub provider: PushProvider,
    /// The provider's address of the device: 1 to 1024 visible ASCII characters.
    #[serde(deserialize_with = "push_token")]
    #[schema(min_length = 1, max_length = 1024)]
    pub token: String,
}

impl fmt::Debug for PushTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PushTarget({})", self.provider)
    }
}

fn push_token<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let token = String::deserialize(deserializer)?;
    match token.len() {
        0 => Err(de::Error::custom(Flaw::Empty)),
        1..=PUSH_TOKEN_MAX if token.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(token),
        1..=PUSH_TOKEN_MAX => Err(de::Error::custom(Flaw::ControlCharacter)),
        _ => Err(de::Error::custom(Flaw::TooLong)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_prefix_and_length() {
        let token = Token::mint(TokenKind::Refresh);
        assert_eq!(token.as_str().len(), 4 + 43);
        assert_ne!(token.hash(), Token::mint(TokenKind::Refresh).hash());
        assert_eq!(Token::parse(TokenKind::Refresh, token.as_str()).unwrap().hash(), token.hash());
        for foreign in ["", "mkr_", "mkr_AAAA", &token.as_str()[4..], &format!("{}A", token.as_str())] {
            assert!(Token::parse(TokenKind::Refresh, foreign).is_none(), "{foreign}");
        }
        assert!(Token::parse(TokenKind::Refresh, Token::mint(TokenKind::Access).as_str()).is_none());
    }

    #[test]
    fn passwords_and_push_targets_show_nothing() {
        let password = Password::parse("hemmelig kode".to_owned()).unwrap();
        assert_eq!(format!("{password:?}"), "Password");
        assert_eq!(Password::parse(String::new()).unwrap_err(), Flaw::Empty);
        assert_eq!(Password::parse("a\0b".to_owned()).unwrap_err(), Flaw::ControlCharacter);
        assert_eq!(Password::parse("pa\u{30a}".to_owned()).unwrap().as_str(), "på");
        assert!(Password::parse("å".repeat(256)).is_ok());
        assert_eq!(Password::parse("å".repeat(257)).unwrap_err(), Flaw::TooLong);
        let target: PushTarget = serde_json::from_str(r#"{"provider":"fcm","token":"abc:DEF"}"#).unwrap();
        assert_eq!(format!("{target:?}"), "PushTarget(fcm)");
        for bad in [r#"{"provider":"fcm","token":""}"#, r#"{"provider":"fcm","token":"a b"}"#, r#"{"provider":"x","token":"a"}"#] {
            assert!(serde_json::from_str::<PushTarget>(bad).is_err(), "{bad}");
        }
    }
}
