//! What an account's calendar is told.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::base::chance;
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, SessionId};

/// What an account has switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Since when its present feed exists; `None`: it has none.
    pub feed_made_at: Option<Instant>,
    /// Whether its sessions come by mail.
    pub invitations: bool,
    /// Counts up with each change; 0 until the first.
    pub version: i64,
}

/// What was last said of a session in an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Of which session.
    pub session: SessionId,
    /// In whose calendar it stands; `None`: it was taken out.
    pub holder: Option<AccountId>,
    /// How often it was changed.
    pub sequence: i32,
    /// The number that whoever has it in their calendar is told, or was last: that, unless they only cover the session.
    pub told: i32,
    /// When it begins, or began when it was taken out.
    pub starts_at: Instant,
    /// The first moment after it.
    pub ends_at: Instant,
    /// When it was said.
    pub changed_at: Instant,
}

/// The secret in the address of a feed: 128 bits by chance, shown once.
pub struct Secret(String);

/// The letters of a secret.
const LETTERS: usize = 22;

impl Secret {
    /// A new one.
    pub fn mint() -> Self {
        Self(URL_SAFE_NO_PAD.encode(chance::bytes::<16>()))
    }

    /// Reads what stands in an address; `None` where it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let is_sound = text.len() == LETTERS && URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 16);
        is_sound.then(|| Self(text.to_owned()))
    }

    /// As it stands in the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is stored.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_128_bits_and_one_spelling() {
        let secret = Secret::mint();
        assert_eq!((secret.as_str().len(), format!("{secret:?}").as_str()), (LETTERS, "Secret"));
        assert_ne!(secret.hash(), Secret::mint().hash());
        assert_eq!(Secret::parse(secret.as_str()).map(|read| read.hash()), Some(secret.hash()));
        // The last letter of 22 has four bits too many: only one spelling has them all zero.
        for wrong in ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAA=", "åAAAAAAAAAAAAAAAAAAAA"] {
            assert!(Secret::parse(wrong).is_none(), "{wrong}");
        }
        assert!(Secret::parse("AAAAAAAAAAAAAAAAAAAAAA").is_some());
    }
}
