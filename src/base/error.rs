//! What can go wrong, for two audiences: a problem in words a coordinator understands, and a cause for the log.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::clock::Instant;
use super::value::Flaw;

/// A sentence for people, in Danish and English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Danish, the default.
    pub da: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

/// A fixed sentence in both languages.
pub const fn words(da: &'static str, en: &'static str) -> Words {
    Words { da: Cow::Borrowed(da), en: Cow::Borrowed(en) }
}

/// What a phone's outbox should do with a refused request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Send it unchanged, after `Retry-After`.
    SendAgain,
    /// Fetch the present state and apply the change to it.
    Refresh,
    /// Ask the user to correct the input.
    Correct,
    /// Change the refresh token for a new access token, then send it unchanged.
    RefreshToken,
    /// Sign in again, then send it unchanged.
    SignIn,
    /// It can never succeed: put it aside and say so.
    GiveUp,
}

/// One wrong member of the input: where it stands (RFC 6901 JSON pointer, or `query/name`, `header/name`) and what is wrong.
/// Never echoes the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the body.
    pub pointer: String,
    /// A flaw's, or a code of a room's own vocabulary.
    pub code: &'static str,
    /// What is wrong, without the value.
    pub words: Words,
}

impl FieldError {
    /// With a sentence that says more of this case.
    #[must_use]
    pub fn say(self, da: &'static str, en: &'static str) -> Self {
        Self { words: words(da, en), ..self }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $next:ident $text:literal : $da:literal / $en:literal;)+) => {
        /// Every kind of refusal there is; documented in `api-spec/problems.md` and served at `/problems/{code}`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)+ }
        impl Code {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),+];
            /// The HTTP status.
            pub const fn status(self) -> u16 { match self { $(Self::$name => $status),+ } }
            /// What the client should do next.
            pub const fn next(self) -> Next { match self { $(Self::$name => Next::$next),+ } }
            /// The stable code in the answer.
            pub const fn text(self) -> &'static str { match self { $(Self::$name => $text),+ } }
            /// The title in both languages.
            pub const fn title(self) -> Words { match self { $(Self::$name => words($da, $en)),+ } }
        }
    };
}

codes! {
    /// The body is not JSON, or not UTF-8, or nested deeper than 32.
    MalformedBody = 400 Correct "malformed_body": "Indholdet kan ikke læses" / "The body cannot be read";
    /// A header or parameter cannot be read.
    MalformedRequest = 400 Correct "malformed_request": "Forespørgslen kan ikke læses" / "The request cannot be read";
    /// The access token was good and has expired; its sign-in still holds.
    TokenExpired = 401 RefreshToken "token_expired": "Forny adgangen" / "Renew the access token";
    /// No credential, or one that is unknown or signed out.
    Unauthenticated = 401 SignIn "unauthenticated": "Log ind igen" / "Sign in again";
    /// Wrong name or password; the same for unknown users.
    WrongCredentials = 401 Correct "wrong_credentials": "Forkert brugernavn eller adgangskode" / "Wrong user name or password";
    /// No role of the caller may use the operation.
    Forbidden = 403 GiveUp "forbidden": "Din rolle giver ikke adgang til dette" / "Your role may not do this";
    /// It does not exist, or the caller may not see it: the answer is the same.
    NotFound = 404 GiveUp "not_found": "Findes ikke" / "Not found";
    /// The path exists, the method does not.
    MethodNotAllowed = 405 GiveUp "method_not_allowed": "Metoden findes ikke her" / "The method does not exist here";
    /// The body did not arrive: the connection was too slow or broke.
    BodyNotReceived = 408 SendAgain "body_not_received": "Indholdet nåede ikke frem" / "The body did not arrive";
    /// The present state does not allow it.
    WrongState = 409 Refresh "wrong_state": "Det kan ikke ske i den nuværende tilstand" / "The present state does not allow this";
    /// Something open stands in the way; `blocking` lists it.
    Blocked = 409 Correct "blocked": "Noget åbent står i vejen" / "Something open stands in the way";
    /// One of its kind exists already; `blocking` names it.
    AlreadyExists = 409 Refresh "already_exists": "Findes allerede" / "It exists already";
    /// A rule stands against that time: leave, notice, horizon, a limit or too close to another; `errors` says which.
    NotAvailable = 409 Correct "not_available": "Tiden kan ikke bruges" / "The time cannot be used";
    /// Somebody is busy at that time; `alternatives` names the next free ones.
    ClaimsOverlap = 409 Correct "claims_overlap": "Tiden er optaget" / "The time is taken";
    /// The custody holders disagree: a joint session needs a coordinator's grounds and one side to be told.
    CustodyConflict = 409 Correct "custody_conflict": "Forældremyndighedsindehaverne er uenige" / "The custody holders disagree";
    /// The body is larger than 256 KiB.
    BodyTooLarge = 413 Correct "body_too_large": "Indholdet er for stort" / "The body is too large";
    /// The content type is not JSON, or the body is compressed.
    UnsupportedMediaType = 415 Correct "unsupported_media_type": "Kun application/json" / "Only application/json";
    /// Somebody changed it since it was read.
    StaleVersion = 412 Refresh "stale_version": "Ændret siden du læste det" / "Changed since you read it";
    /// Members are unknown, missing, of the wrong type or against a rule; `errors` names each.
    Invalid = 422 Correct "invalid": "Rettelser er nødvendige" / "Corrections are needed";
    /// The key was used with another body.
    KeyReused = 422 GiveUp "idempotency_key_reused": "Nøglen er brugt til noget andet" / "The key was used for something else";
    /// A POST without Idempotency-Key.
    KeyRequired = 400 Correct "idempotency_key_required": "Idempotency-Key mangler" / "Idempotency-Key is missing";
    /// If-Match is needed where fields are set.
    PreconditionRequired = 428 Refresh "precondition_required": "If-Match mangler" / "If-Match is missing";
    /// Too many tries.
    TooManyRequests = 429 SendAgain "too_many_requests": "For mange forsøg" / "Too many tries";
    /// Our fault; the cause is in the log under the request's id.
    Internal = 500 SendAgain "internal": "Der skete en fejl hos os" / "Something went wrong on our side";
    /// Full, stopping, or the journal cannot be written.
    Unavailable = 503 SendAgain "unavailable": "Prøv igen om lidt" / "Try again in a moment";
}

/// Something that stands in the way of a command (409), by kind and id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Blocking {
    /// What it is, e.g. `offer`, `course`, `alert`, `session`.
    pub kind: &'static str,
    /// Its id.
    pub id: uuid::Uuid,
}

/// Another time that could be used instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Alternative {
    /// When it begins.
    pub starts_at: Instant,
    /// The first moment after it.
    pub ends_at: Instant,
}

/// A refusal as the client will read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which kind.
    pub code: Code,
    /// More than the title says; no input, no inner cause.
    pub detail: Option<Box<Words>>,
    /// Wrong members, each named.
    pub errors: Vec<FieldError>,
    /// What stands in the way.
    pub blocking: Vec<Blocking>,
    /// Times that could be used instead, in order; only what the caller could look up.
    pub alternatives: Vec<Alternative>,
    /// Seconds until it is worth another try (429, 503).
    pub retry_after_s: Option<u32>,
}

impl Problem {
    /// A refusal that its code says in full.
    pub const fn new(code: Code) -> Self {
        Self { code, detail: None, errors: Vec::new(), blocking: Vec::new(), alternatives: Vec::new(), retry_after_s: None }
    }

    /// What it says: its sentence, else what its code says.
    pub fn words(&self) -> Words {
        self.detail.as_deref().cloned().unwrap_or_else(|| self.code.title())
    }

    /// With a sentence for the user.
    #[must_use]
    pub fn say(mut self, da: &'static str, en: &'static str) -> Self {
        self.detail = Some(Box::new(words(da, en)));
        self
    }

    /// With one more wrong member.
    #[must_use]
    pub fn wrong(mut self, member: FieldError) -> Self {
        self.errors.push(member);
        self
    }

    /// With one more wrong member, and what there is to say of this case.
    #[must_use]
    pub fn field(self, pointer: impl Into<String>, flaw: Flaw, da: &'static str, en: &'static str) -> Self {
        self.wrong(flaw.at(pointer).say(da, en))
    }

    /// With one more thing in the way.
    #[must_use]
    pub fn blocked_by(mut self, kind: &'static str, id: uuid::Uuid) -> Self {
        self.blocking.push(Blocking { kind, id });
        self
    }

    /// With times that could be used instead.
    #[must_use]
    pub fn or_at(mut self, alternatives: Vec<Alternative>) -> Self {
        self.alternatives = alternatives;
        self
    }

    /// With a wait in seconds.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}

/// Why a verb, a read or a call did not succeed. Everything but `Refused` is ours and becomes a 5xx.
#[derive(Debug)]
pub enum Error {
    /// A refusal for the client: rolls back what the verb did.
    Refused(Box<Problem>),
    /// A constraint of the database said no, by the constraint's or index's name. Expected ones are caught in `tx.attempt`.
    Violation(Violation),
    /// The engine asks for the transaction to be run again (40001, 40P01).
    RunAgain,
    /// Full queue, lost connection, stopping: 503 with Retry-After.
    Unavailable(&'static str),
    /// A defect or a broken database: 500, the cause goes to the log only.
    Internal(String),
}

/// A constraint that refused a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A unique key; the name where the engine tells it, else `table.column`.
    Unique(String),
    /// A foreign key.
    Foreign(String),
    /// An overlap of claims (`claims_overlap` on both engines).
    ClaimsOverlap,
    /// Any other check.
    Check(String),
}

/// The result of everything that can be refused or fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Problem::new(code).into()
    }
}

impl Error {
    /// A defect or a broken outside, with its cause for the log. Never put personal data in it.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// Whether it says that there is no such thing for the caller.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(problem) if problem.code == Code::NotFound)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(problem) => write!(f, "refused: {}", problem.code.text()),
            Self::Violation(violation) => write!(f, "constraint: {violation:?}"),
            Self::RunAgain => f.write_str("the engine asks to run the transaction again"),
            Self::Unavailable(why) => write!(f, "unavailable: {why}"),
            Self::Internal(cause) => write!(f, "internal: {cause}"),
        }
    }
}
impl std::error::Error for Error {}

/// Shorthand: refuse with 422 and one wrong member, and what there is to say of this case.
pub fn invalid(pointer: impl Into<String>, flaw: Flaw, da: &'static str, en: &'static str) -> Error {
    Problem::new(Code::Invalid).field(pointer, flaw, da, en).into()
}

/// What a body or a query names and does not exist for the caller is a wrong member of it (422); whatever else went wrong stays what it is.
pub fn or_invalid<T>(found: Result<T>, member: FieldError) -> Result<T> {
    found.map_err(|error| if error.is_not_found() { Problem::new(Code::Invalid).wrong(member).into() } else { error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_snake_case() {
        let texts: HashSet<_> = Code::ALL.iter().map(|c| c.text()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.text().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", code.text());
            assert!(code.status() >= 400);
        }
    }

    #[test]
    fn only_what_does_not_exist_is_a_wrong_member() {
        let named = |error: Error| match or_invalid(Err::<(), _>(error), Flaw::UnknownMatch.at("/match_id")) {
            Err(Error::Refused(problem)) => problem.code.text(),
            Err(Error::RunAgain) => "run again",
            Err(_) => "ours",
            Ok(()) => "fine",
        };
        assert_eq!(named(Code::NotFound.into()), "invalid");
        assert_eq!(named(Code::Forbidden.into()), "forbidden");
        assert_eq!((named(Error::RunAgain), named(Error::Unavailable("full"))), ("run again", "ours"));
    }
}
