//! What the engines' errors mean to us: one name for a constraint on both, and never a row's value.
//!
//! A unique violation is `table.column` or `table.column,column` on both engines; of an index over expressions it is the index's name.
//! Of several broken keys each engine names the one it meets first.
//! A check is its constraint's name, or the word that a trigger raised. SQLite never names the foreign key that was broken.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind as Kind, Error as Diesel};

use crate::base::error::{Error, Violation};

/// The constraint or trigger on both engines that keeps two claims on a person's time apart.
const CLAIMS_OVERLAP: &str = "claims_overlap";

/// A write was refused: the server is a standby by now, or was told to rest.
pub(super) const READ_ONLY: &str = "the database is read-only";

/// Nothing more can be written. What was begun is undone by then.
pub(super) const FULL: &str = "the disk is full";

/// The disk cannot be read or written: it is broken, or has become read-only.
pub(super) const BROKEN: &str = "the disk cannot be read or written";

/// True for a unique violation of these columns: `table.column` or `table.column,column`.
pub fn is_unique(error: &Error, key: &str) -> bool {
    matches!(error, Error::Violation(Violation::Unique(name)) if name == key)
}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        match error {
            Diesel::DatabaseError(kind, about) => database(kind, &*about),
            Diesel::BrokenTransactionManager => Self::Unavailable("the database connection is lost"),
            // A row that must be there is not: a defect. What a client asks for in vain is told by `optional()`.
            Diesel::NotFound => Self::internal("a query that must find a row found none"),
            Diesel::RollbackErrorOnCommit { .. } => Self::Unavailable("the outcome of the commit is unknown"),
            Diesel::InvalidCString(_) => Self::internal("text with a NUL cannot go to the database"),
            Diesel::DeserializationError(cause) | Diesel::SerializationError(cause) => {
                Self::Internal(format!("database: {}", causes(&*cause)))
            }
            other => Self::Internal(format!("database: {}", without_values(&other.to_string()))),
        }
    }
}

/// A chain of causes: diesel names the field, the cause below it says what is wrong with it.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(|error| without_values(&error.to_string()).to_owned()).collect::<Vec<_>>().join(": ")
}

fn database(kind: Kind, about: &(dyn DatabaseErrorInformation + Send + Sync)) -> Error {
    let message = about.message();
    let violation = match kind {
        Kind::UniqueViolation => Violation::Unique(unique(about)),
        Kind::ForeignKeyViolation => Violation::Foreign(about.constraint_name().unwrap_or_default().to_owned()),
        Kind::CheckViolation | Kind::RestrictViolation => Violation::Check(named(about)),
        Kind::NotNullViolation => Violation::Check(match (about.table_name(), about.column_name()) {
            (Some(table), Some(column)) => format!("not_null {table}.{column}"),
            _ => format!("not_null {}", after_colon(message)),
        }),
        Kind::ExclusionViolation if about.constraint_name() == Some(CLAIMS_OVERLAP) => Violation::ClaimsOverlap,
        Kind::ExclusionViolation => Violation::Check(named(about)),
        Kind::SerializationFailure => return Error::RunAgain,
        Kind::UnableToSendCommand if message.contains("parameters") => return Error::internal("a statement with too many values"),
        Kind::ClosedConnection | Kind::UnableToSendCommand => return Error::Unavailable("the database connection is lost"),
        Kind::ReadOnlyTransaction => return Error::Unavailable(READ_ONLY),
        _ if message.starts_with("attempt to write a readonly database") => return Error::Unavailable(READ_ONLY),
        // A standby says so of the first word of a writing transaction (0A000, which diesel does not hand on).
        _ if message.starts_with("cannot use serializable mode in a hot standby") => return Error::Unavailable(READ_ONLY),
        _ if message == CLAIMS_OVERLAP => Violation::ClaimsOverlap,
        // What a trigger of ours raises is one word, on both engines.
        _ if is_word(message) => Violation::Check(message.to_owned()),
        // A row's own number (SQLITE_CONSTRAINT_ROWID) has no kind in diesel.
        _ if message.starts_with("UNIQUE constraint failed") => Violation::Unique(unique(about)),
        _ if message.starts_with("deadlock detected") => return Error::RunAgain,
        _ if message.starts_with("database") && message.contains("is locked") => return Error::RunAgain,
        _ if message.starts_with("canceling statement due to") => return Error::Unavailable("a statement took too long"),
        _ if message.starts_with("terminating connection") || message.contains("shutting down") || message.contains("starting up") => {
            return Error::Unavailable("the database is stopping or starting");
        }
        // PostgreSQL hands on the words of its machine (53100).
        _ if message.starts_with("database or disk is full") || message.ends_with("No space left on device") => {
            return Error::Unavailable(FULL);
        }
        // SQLite's words (SQLITE_IOERR, SQLITE_CANTOPEN), and those of the machine under PostgreSQL (58030).
        _ if message.starts_with("disk I/O error") || message.starts_with("unable to open database file") => {
            return Error::Unavailable(BROKEN);
        }
        _ if message.ends_with("Input/output error") || message.ends_with("Read-only file system") => return Error::Unavailable(BROKEN),
        _ => return Error::Internal(format!("database: {}", without_values(message))),
    };
    Error::Violation(violation)
}

/// `table.column,column` of a unique violation.
///
/// SQLite: `UNIQUE constraint failed: t.c, t.d`, or `… failed: index 'name'`. PostgreSQL has table and constraint apart and the columns
/// in its detail, `Key (c, d)=(values) already exists.`: a shape that survives translation of the words around it.
fn unique(about: &(dyn DatabaseErrorInformation + Send + Sync)) -> String {
    let columns = about.details().and_then(|detail| detail.split_once(")=(")).and_then(|(head, _)| head.split_once('(')).map(|(_, c)| c);
    match (about.table_name(), columns) {
        (Some(table), Some(columns)) if !columns.contains('(') => format!("{table}.{}", columns.replace(", ", ",")),
        (Some(_), _) => about.constraint_name().unwrap_or_default().to_owned(),
        (None, _) => {
            let failed = after_colon(about.message());
            match failed.strip_prefix("index '") {
                Some(index) => index.trim_end_matches('\'').to_owned(),
                None => {
                    let mut columns = failed.split(", ");
                    let first = columns.next().unwrap_or_default();
                    columns.fold(first.to_owned(), |key, column| key + "," + column.rsplit('.').next().unwrap_or_default())
                }
            }
        }
    }
}

fn named(about: &(dyn DatabaseErrorInformation + Send + Sync)) -> String {
    about.constraint_name().unwrap_or_else(|| after_colon(about.message())).to_owned()
}

fn after_colon(message: &str) -> &str {
    message.split_once(": ").map_or(message, |(_, rest)| rest)
}

fn is_word(message: &str) -> bool {
    !message.is_empty() && message.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The message up to where a value may begin: PostgreSQL quotes values after a colon (`invalid input syntax for type uuid: "…"`).
fn without_values(message: &str) -> &str {
    message.split_once(": \"").map_or(message, |(head, _)| head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct About(&'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>);
    impl DatabaseErrorInformation for About {
        fn message(&self) -> &str {
            self.0
        }
        fn details(&self) -> Option<&str> {
            self.1
        }
        fn hint(&self) -> Option<&str> {
            None
        }
        fn table_name(&self) -> Option<&str> {
            self.2
        }
        fn column_name(&self) -> Option<&str> {
            None
        }
        fn constraint_name(&self) -> Option<&str> {
            self.3
        }
        fn statement_position(&self) -> Option<i32> {
            None
        }
    }

    fn said(kind: Kind, about: About) -> String {
        Error::from(Diesel::DatabaseError(kind, Box::new(about))).to_string()
    }

    #[test]
    fn both_engines_name_a_key_alike() {
        let sqlite = |message| said(Kind::UniqueViolation, About(message, None, None, None));
        let postgres = |detail, name| said(Kind::UniqueViolation, About("any language", Some(detail), Some("offers"), Some(name)));
        assert_eq!(sqlite("UNIQUE constraint failed: offers.id"), "constraint: Unique(\"offers.id\")");
        assert_eq!(postgres("Key (id)=(0a) already exists.", "offers_pkey"), "constraint: Unique(\"offers.id\")");
        let two = "constraint: Unique(\"offers.case_id,person\")";
        assert_eq!(sqlite("UNIQUE constraint failed: offers.case_id, offers.person"), two);
        assert_eq!(postgres("Nøglen (case_id, person)=(a, (b)=(c) findes.", "whatever"), two);
        let index = "constraint: Unique(\"offers_open\")";
        assert_eq!(sqlite("UNIQUE constraint failed: index 'offers_open'"), index);
        assert_eq!(postgres("Key (lower(name))=(karla) already exists.", "offers_open"), index);
    }

    #[test]
    fn what_triggers_raise_is_a_word() {
        let unknown = |message| said(Kind::Unknown, About(message, None, None, None));
        assert_eq!(unknown("claims_overlap"), "constraint: ClaimsOverlap");
        assert_eq!(unknown("journal_is_append_only"), "constraint: Check(\"journal_is_append_only\")");
        assert_eq!(unknown("database is locked"), Error::RunAgain.to_string());
        assert_eq!(unknown("deadlock detected"), Error::RunAgain.to_string());
        assert!(unknown("database or disk is full").starts_with("unavailable"));
        assert!(unknown("attempt to write a readonly database").starts_with("unavailable"));
        assert!(unknown("canceling statement due to lock timeout").starts_with("unavailable"));
        for read_only in ["attempt to write a readonly database", "cannot use serializable mode in a hot standby"] {
            assert_eq!(unknown(read_only), "unavailable: the database is read-only");
        }
        let of_a_machine =
            ["could not extend file \"base/5/16384\": Input/output error", "could not open file \"base/5/1\": Read-only file system"];
        for broken in ["disk I/O error", "unable to open database file"].into_iter().chain(of_a_machine) {
            assert_eq!(unknown(broken), "unavailable: the disk cannot be read or written");
        }
        let overlap = About("", None, None, Some("claims_overlap"));
        assert_eq!(said(Kind::ExclusionViolation, overlap), "constraint: ClaimsOverlap");
    }

    #[test]
    fn no_value_reaches_the_log_and_no_defect_becomes_a_404() {
        let text = said(Kind::Unknown, About("invalid input syntax for type uuid: \"Karla 1003141234\"", None, None, None));
        assert_eq!(text, "internal: database: invalid input syntax for type uuid");
        assert!(matches!(Error::from(Diesel::NotFound), Error::Internal(_)));
    }
}
