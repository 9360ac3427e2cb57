//! Whose a sealed value is, where it lies, and the value itself, which shows nothing of its content.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use crate::base::clock::Instant;
use crate::base::db::DatabaseUrl;
use crate::base::error::{Code, Error};
use crate::base::ids::{AccountId, AgencyId, AnyId, CaseId, EnquiryId, Id, PersonId, ReporterId, StaffId};

macro_rules! holders {
    ($($(#[$doc:meta])* $kind:ident $text:literal $name:ident $id:ident;)+) => {
        /// What kind of holder a key belongs to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum HolderKind { $($(#[$doc])* $kind,)+ }

        impl HolderKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The stable code, bound into every sealed value.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$kind => $text),+ }
            }
        }

        impl Holder {
            $(
                $(#[$doc])*
                pub const fn $name(id: $id) -> Self {
                    Self { kind: HolderKind::$kind, id: id.cast() }
                }
            )+
        }
    };
}

/// Whose key a value is sealed under. What names several people lies under the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Holder {
    /// What kind of holder.
    pub kind: HolderKind,
    /// Its id, of the kind's noun.
    pub id: AnyId,
}

holders! {
    /// A young person, parent or other relative.
    Person "person" person PersonId;
    /// A founded case: notes that name several of its persons.
    Case "case" case CaseId;
    /// A concern handed in, before anybody is known.
    Enquiry "enquiry" enquiry EnquiryId;
    /// Who handed a concern in.
    Reporter "reporter" reporter ReporterId;
    /// A member of staff.
    Staff "staff" staff StaffId;
    /// A sign-in identity.
    Account "account" account AccountId;
    /// A partner agency.
    Agency "agency" agency AgencyId;
}

/// Where a sealed value lies. In another table, column or row it does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The table's name.
    pub table: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// The row's own id.
    pub row: AnyId,
}

impl Place {
    /// The place of a column in a row.
    pub const fn new<N>(table: &'static str, column: &'static str, row: Id<N>) -> Self {
        Self { table, column, row: row.cast() }
    }
}

/// What a look-up hash is of. The same text of two kinds has two hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookUpKind {
    /// A civil registration number: ten digits without a hyphen.
    RegistrationNumber,
    /// What wrong tries to sign in are counted by: a name as typed (it may be a password) or an address.
    Throttle,
    /// What a repeated idempotency key must agree with: a request may hold a password or a registration number.
    Request,
    /// An address that a message went to.
    Address,
    /// Where a push for a device goes: the provider's code and its address of the device.
    PushTarget,
}

impl LookUpKind {
    /// The stable code, part of the hash.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::RegistrationNumber => "registration_number",
            Self::Throttle => "throttle",
            Self::Request => "request",
            Self::Address => "address",
            Self::PushTarget => "push_target",
        }
    }
}

/// A sealed `T` (its compact JSON, encrypted), as it lies in a column. It can be stored, moved and dropped, and opened by the vault;
/// it cannot be printed, compared or sent.
pub struct Sealed<T>(Vec<u8>, PhantomData<fn() -> T>);

impl<T> Sealed<T> {
    /// As read from a column; whether it opens is seen when it is opened.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes, PhantomData)
    }

    /// As written to a column.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self::from_bytes(self.0.clone())
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

/// Why a value was not sealed or opened.
#[derive(Debug)]
pub enum VaultError {
    /// The holder's key was destroyed: show "erased". Carried on with `?` it becomes a 404, for what is erased does not exist.
    Erased,
    /// The value is not of this place and holder, or was altered: a defect or a meddled database.
    DoesNotFit,
    /// It was opened, but is not the JSON of the type that was asked for, or could not be written as JSON: a defect.
    WrongType,
    /// The holder's key is not in this key store, or another is: the store is older than the database, or not its own.
    KeyLost,
    /// The key store does not answer.
    KeyStore(Error),
}

const KEY_LOST: &str = "the key store lacks the key of a holder that the database knows: it is older than the database, or another's";

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Erased => f.write_str("the holder's key was destroyed"),
            Self::DoesNotFit => f.write_str("a sealed value does not fit its place, holder or key"),
            Self::WrongType => f.write_str("a sealed value is not of the type asked for"),
            Self::KeyLost => f.write_str(KEY_LOST),
            Self::KeyStore(error) => write!(f, "key store: {error}"),
        }
    }
}
impl std::error::Error for VaultError {}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Erased => Code::NotFound.into(),
            VaultError::KeyLost => Self::Unavailable(KEY_LOST),
            VaultError::KeyStore(error) => error,
            VaultError::DoesNotFit | VaultError::WrongType => Self::internal(error),
        }
    }
}

/// Where the keys are: made from the configuration's `vault` section.
#[derive(Clone, Debug)]
pub struct VaultSettings {
    /// The file with the key-encryption key: 32 random bytes as hex or base64, readable by its owner only (0600).
    pub key_file: PathBuf,
    /// The key store: a SQLite file or a PostgreSQL database of its own. Never in the same backup as the database; its own backups are
    /// kept at most 30 days.
    pub key_store: DatabaseUrl,
}

impl VaultSettings {
    /// What the key file is called until its database is made: so that a making that was broken off can go on.
    pub(super) fn unfinished(&self) -> PathBuf {
        let mut name = self.key_file.clone().into_os_string();
        name.push(".unfinished");
        name.into()
    }

    /// Both files inside one folder: for tests and the demo, whose data is nobody's.
    pub fn for_testing(folder: &Path) -> Self {
        Self { key_file: folder.join("makker.key"), key_store: DatabaseUrl::Sqlite(folder.join("makker-keys.db")) }
    }
}

/// Why the vault did not open, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A new database next to an old key file.
    #[error(
        "the key file {0} is there, but the database is new or was emptied: name the database it belongs to (or bring it back); if that is gone for good, move the key file and the key store away and start again"
    )]
    KeyFileWithoutDatabase(PathBuf),
    /// A database, but no key file.
    #[error("the key file {0} is missing: bring it back from its safe copy, the database cannot be read without it")]
    NoKeyFile(PathBuf),
    /// The key file cannot be read or made.
    #[error("the key file {0}: {1}")]
    KeyFile(PathBuf, io::Error),
    /// The key file is open to others.
    #[error("the key file {0} can be read by others: chmod 600 it, and ask who has read it")]
    KeyFileReadable(PathBuf),
    /// The key file holds something else.
    #[error("the key file {0} does not hold 32 bytes as hex or base64")]
    KeyFileMalformed(PathBuf),
    /// The key file is of another key store.
    #[error("the key file {0} does not fit the key store: one of the two belongs to another database")]
    WrongKey(PathBuf),
    /// A new database next to an old key store.
    #[error(
        "the key store is there, but the database is new or was emptied: name the database it belongs to (or bring it back), or another key store"
    )]
    StoreWithoutDatabase,
    /// A database, but no key store.
    #[error(
        "the key store is missing or empty: name the right one, or bring it back from its backup; the database cannot be read without it"
    )]
    NoStore,
    /// Key file and key store fit each other, and not the database.
    #[error("the key file {0} and its key store belong to another database: name those that were made with this one")]
    AnotherDatabase(PathBuf),
    /// Keys that the database knows are not in the key store.
    #[error(
        "the key store lacks {count} of the keys that the database knows, the first made at {since}: it is older than the database. Bring back its newest copy; if there is none, a copy of the database from before that moment"
    )]
    KeysLost {
        /// How many.
        count: usize,
        /// When the first of them was made.
        since: Instant,
    },
    /// The key store lies in a database that holds other tables.
    #[error("the key store must be a database of its own, apart from every other: this one holds the table {0}")]
    NotApart(String),
    /// The database and the key store are one, whatever their addresses say.
    #[error(
        "the key store must not be the database, and vault.key_store_url leads to that of database.url: an erased person's key would come back with its backups"
    )]
    OneForBoth,
    /// The key store cannot be reached.
    #[error("the key store: {0}")]
    Store(String),
}

impl StartError {
    pub(super) fn key_file(settings: &VaultSettings, error: io::Error) -> Self {
        Self::KeyFile(settings.key_file.clone(), error)
    }
}

impl From<Error> for VaultError {
    fn from(error: Error) -> Self {
        Self::KeyStore(error)
    }
}

impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        match error {
            Error::Internal(cause) => Self::Store(cause),
            other => Self::Store(other.to_string()),
        }
    }
}
