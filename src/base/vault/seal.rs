//! The cipher: what is encrypted, what is bound to it, and how the bytes lie.
//!
//! `version (1) · algorithm (1) · key id (16) · nonce (24) · ciphertext · tag (16)`, XChaCha20-Poly1305 with a random nonce. Version,
//! algorithm, key id and everything the value is bound to are the associated data, each part with its length before it.

use std::io;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::model::{Holder, Place, VaultError};
use crate::base::chance;
use crate::base::ids::{IdSource, RowId};

/// The id of a data key.
pub(super) type KeyId = RowId;

/// A secret of 32 bytes that stays where it is, and is wiped when dropped.
pub(super) type Secret = Box<Zeroizing<[u8; 32]>>;

const VERSION: u8 = 1;
const XCHACHA20_POLY1305: u8 = 1;
const PREFIX: usize = 18;
const NONCE: usize = 24;
const TAG: usize = 16;

/// The key of one holder, unwrapped.
pub(super) struct DataKey {
    id: KeyId,
    secret: Secret,
}

impl DataKey {
    /// A new key, by chance.
    pub(super) fn make() -> Self {
        let mut secret = Secret::default();
        chance::fill(secret.as_mut_slice());
        Self { id: IdSource::Chance.next(), secret }
    }

    /// Its id, in the header of every value sealed with it.
    pub(super) const fn id(&self) -> KeyId {
        self.id
    }

    /// Encrypted for the key store, bound to its holder.
    pub(super) fn wrap(&self, wrapping: &Secret, holder: Holder) -> Result<Vec<u8>, VaultError> {
        let mut plain = Plain::new();
        plain.push(self.secret.as_slice());
        lock(wrapping, self.id, &Self::bound_to(self.id, holder), plain)
    }

    /// Back from the key store.
    pub(super) fn unwrap(wrapping: &Secret, holder: Holder, id: KeyId, wrapped: &[u8]) -> Result<Self, VaultError> {
        let plain = unlock(wrapping, id, &Self::bound_to(id, holder), wrapped)?;
        let mut secret = Secret::default();
        if plain.len() != secret.len() {
            return Err(VaultError::DoesNotFit);
        }
        secret.copy_from_slice(&plain);
        Ok(Self { id, secret })
    }

    fn bound_to(id: KeyId, holder: Holder) -> Vec<u8> {
        associated(id, &[b"data key", holder.kind.text().as_bytes(), holder.id.uuid().as_bytes()])
    }
}

/// Seals a value under a holder's key for one place.
pub(super) fn seal<T: Serialize>(key: &DataKey, holder: Holder, place: Place, value: &T) -> Result<Vec<u8>, VaultError> {
    let mut plain = Plain::new();
    // The serialiser's own words could quote the value, so they go no further.
    serde_json::to_writer(&mut plain, value).map_err(|_| VaultError::WrongType)?;
    lock(&key.secret, key.id, &bound_to(key.id, holder, place), plain)
}

/// Opens what [`seal`] sealed for the same holder and place.
pub(super) fn open<T: DeserializeOwned>(key: &DataKey, holder: Holder, place: Place, bytes: &[u8]) -> Result<T, VaultError> {
    let plain = unlock(&key.secret, key.id, &bound_to(key.id, holder, place), bytes)?;
    serde_json::from_slice(&plain).map_err(|_| VaultError::WrongType)
}

/// Version, algorithm and key id: the part of the header that is bound in (the nonce binds itself).
fn prefix(key_id: KeyId) -> [u8; PREFIX] {
    let mut prefix = [0; PREFIX];
    let fields = [VERSION, XCHACHA20_POLY1305].into_iter().chain(key_id.uuid().into_bytes());
    prefix.iter_mut().zip(fields).for_each(|(to, from)| *to = from);
    prefix
}

fn bound_to(key_id: KeyId, holder: Holder, place: Place) -> Vec<u8> {
    let (row, holder_id) = (place.row.uuid(), holder.id.uuid());
    associated(
        key_id,
        &[b"value", place.table.as_bytes(), place.column.as_bytes(), row.as_bytes(), holder.kind.text().as_bytes(), holder_id.as_bytes()],
    )
}

/// The header's prefix and the parts behind it, each with its length before it: no two lists of parts give the same bytes.
fn associated(key_id: KeyId, parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(160);
    bytes.extend_from_slice(&prefix(key_id));
    for part in parts {
        push_with_length(&mut bytes, part);
    }
    bytes
}

/// A part with its length (4 bytes, big-endian) before it.
pub(super) fn push_with_length(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(part);
}

fn cipher(key: &Secret) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&***key).into())
}

fn lock(key: &Secret, key_id: KeyId, associated: &[u8], mut plain: Plain) -> Result<Vec<u8>, VaultError> {
    let (prefix, nonce) = (prefix(key_id), chance::bytes::<NONCE>());
    let tag = cipher(key).encrypt_inout_detached(&nonce.into(), associated, plain.body().into()).map_err(|_| VaultError::WrongType)?;
    Ok(plain.into_sealed(&prefix, &nonce, &tag))
}

fn unlock(key: &Secret, key_id: KeyId, associated: &[u8], bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let parts = || {
        let (found, rest) = bytes.split_first_chunk::<PREFIX>()?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>()?;
        let (body, tag) = rest.split_last_chunk::<TAG>()?;
        (*found == prefix(key_id)).then_some((nonce, body, tag))
    };
    let (nonce, body, tag) = parts().ok_or(VaultError::DoesNotFit)?;
    let mut plain = Zeroizing::new(body.to_vec());
    cipher(key)
        .decrypt_inout_detached(nonce.into(), associated, plain.as_mut_slice().into(), tag.into())
        .map_err(|_| VaultError::DoesNotFit)?;
    Ok(plain)
}

/// Plaintext on its way into a sealed value: it lies where the ciphertext will, and growing leaves no copy behind.
struct Plain(Zeroizing<Vec<u8>>);

impl Plain {
    const HEADER: usize = PREFIX + NONCE;

    fn new() -> Self {
        let mut bytes = Vec::with_capacity(256);
        bytes.resize(Self::HEADER, 0);
        Self(Zeroizing::new(bytes))
    }

    fn push(&mut self, more: &[u8]) {
        let needed = self.0.len() + more.len() + TAG;
        if needed > self.0.capacity() {
            let mut larger = Vec::with_capacity(needed.saturating_mul(2));
            larger.extend_from_slice(&self.0);
            self.0 = Zeroizing::new(larger);
        }
        self.0.extend_from_slice(more);
    }

    fn body(&mut self) -> &mut [u8] {
        self.0.split_at_mut_checked(Self::HEADER).map_or(&mut [], |(_, body)| body)
    }

    /// The finished bytes; by now the body is ciphertext.
    fn into_sealed(mut self, prefix: &[u8; PREFIX], nonce: &[u8; NONCE], tag: &[u8]) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut *self.0);
        bytes.iter_mut().zip(prefix.iter().chain(nonce)).for_each(|(to, from)| *to = *from);
        bytes.extend_from_slice(tag);
        bytes
    }
}

impl io::Write for Plain {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        self.push(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::base::ids::{AnyId, PersonId};
    use crate::base::vault::HolderKind;

    fn place() -> Place {
        Place { table: "persons", column: "name", row: AnyId::from_uuid(Uuid::from_bytes([0x11; 16])) }
    }

    #[test]
    fn the_format_never_changes() {
        // Made with an implementation of XChaCha20-Poly1305 in plain Python, after the draft's text.
        let sealed = "0101000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f1011121314151617\
            7d053f4b4f75f67e0bcc15dc78ca2e6cebcffb66a50dbe3adfce8e3d";
        let bytes: Vec<u8> =
            sealed.as_bytes().chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect();
        let id = KeyId::from_uuid(Uuid::from_u128(0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f));
        let key = DataKey { id, secret: Box::new(Zeroizing::new([9; 32])) };
        let holder = Holder::person(PersonId::from_uuid(Uuid::from_bytes([0x22; 16])));
        assert_eq!(open::<String>(&key, holder, place(), &bytes).unwrap(), "Bo Møller");
    }

    #[test]
    fn a_key_in_the_wrong_hands_opens_nothing() {
        let key = DataKey::make();
        let holder = Holder::person(PersonId::from_uuid(Uuid::from_bytes([0x22; 16])));
        let bytes = seal(&key, holder, place(), &"Bo").unwrap();
        assert_eq!(open::<String>(&key, holder, place(), &bytes).unwrap(), "Bo");
        for other in [Holder { kind: HolderKind::Staff, ..holder }, Holder { id: place().row, ..holder }] {
            assert!(matches!(open::<String>(&key, other, place(), &bytes), Err(VaultError::DoesNotFit)));
        }
    }

    #[test]
    fn plaintext_that_grows_leaves_its_old_place() {
        let mut plain = Plain::new();
        let first = plain.0.capacity();
        io::Write::write_all(&mut plain, &[7; 10_000]).unwrap();
        assert!(plain.0.capacity() >= 10_000 + Plain::HEADER + TAG && first < 10_000);
        assert_eq!(plain.body(), [7; 10_000]);
    }
}
