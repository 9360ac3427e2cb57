//! The key-encryption key: 32 random bytes in a file of their owner, from which three keys are derived.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::model::{LookUpKind, StartError, VaultSettings};
use super::seal::{Secret, push_with_length};
use crate::base::chance;
use crate::base::db::folder_of;

/// What is derived from the file's bytes, which are not kept themselves.
pub(super) struct KeyEncryptionKey {
    wrapping: Secret,
    look_up: Secret,
    check: [u8; 32],
}

impl KeyEncryptionKey {
    /// Makes a new one, durable and readable by its owner only, under the name of one that is unfinished. Never over an old one.
    pub(super) fn make(settings: &VaultSettings) -> Result<Self, StartError> {
        let mut secret = Secret::default();
        chance::fill(secret.as_mut_slice());
        let text = Zeroizing::new(BASE64.encode(secret.as_slice()));
        let write = || {
            let mut file = private().open(settings.unfinished())?;
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            sync_folder(&settings.key_file)
        };
        write().map_err(|error| StartError::key_file(settings, error))?;
        Ok(Self::derive(&secret))
    }

    /// The one that a making left behind that was broken off; a new one where there is none, or only its name.
    pub(super) fn make_or_go_on(settings: &VaultSettings) -> Result<Self, StartError> {
        let unfinished = settings.unfinished();
        match Self::read(&unfinished) {
            Err(StartError::KeyFile(_, error)) if error.kind() == io::ErrorKind::NotFound => {}
            Err(StartError::KeyFileMalformed(_)) => fs::remove_file(unfinished).map_err(|error| StartError::key_file(settings, error))?,
            done => return done,
        }
        Self::make(settings)
    }

    /// Gives the key file its name: the making is done. Where it has it, nothing is left to do.
    pub(super) fn finish(settings: &VaultSettings) -> Result<(), StartError> {
        let rename = || {
            if settings.key_file.try_exists()? {
                return Ok(());
            }
            fs::rename(settings.unfinished(), &settings.key_file)?;
            sync_folder(&settings.key_file)
        };
        rename().map_err(|error| StartError::key_file(settings, error))
    }

    /// Reads a file, after a look at who else can.
    pub(super) fn read(path: &Path) -> Result<Self, StartError> {
        let failed = |error| StartError::KeyFile(path.to_owned(), error);
        let malformed = || StartError::KeyFileMalformed(path.to_owned());
        let mut file = File::open(path).map_err(failed)?;
        if is_open_to_others(&file).map_err(failed)? {
            return Err(StartError::KeyFileReadable(path.to_owned()));
        }
        // Larger than any spelling of 32 bytes, so that the buffer is filled once and never moved.
        let mut text = Zeroizing::new([0_u8; 256]);
        let mut length = 0;
        while let Some(rest) = text.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match file.read(rest).map_err(failed)? {
                0 => break,
                more => length += more,
            }
        }
        let text = text.get(..length).unwrap_or_default().trim_ascii();
        parse(text).map(|secret| Self::derive(&secret)).ok_or_else(malformed)
    }

    fn derive(secret: &Secret) -> Self {
        // HKDF's expand step with one block: the secret is uniform, so there is nothing to extract.
        let key = |label: &str| mac(secret, &[b"makker vault 1", label.as_bytes()]);
        Self { wrapping: Box::new(Zeroizing::new(key("wrapping"))), look_up: Box::new(Zeroizing::new(key("look-up"))), check: key("check") }
    }

    /// The key that wraps the holders' keys.
    pub(super) const fn wrapping(&self) -> &Secret {
        &self.wrapping
    }

    /// What the key store keeps to know its key again; says nothing about the key.
    pub(super) const fn check(&self) -> &[u8; 32] {
        &self.check
    }

    /// The keyed hash of a value of one kind.
    pub(super) fn look_up_hash(&self, kind: LookUpKind, value: &[u8]) -> [u8; 32] {
        mac(&self.look_up, &[kind.text().as_bytes(), value])
    }
}

/// HMAC-SHA256 over the parts, each with its length before it.
fn mac(key: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    let mut bytes = Zeroizing::new(Vec::with_capacity(128));
    parts.iter().for_each(|part| push_with_length(&mut bytes, part));
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_slice()) else { unreachable!("HMAC takes keys of any length") };
    mac.update(&bytes);
    mac.finalize().into_bytes().into()
}

/// 64 hex digits or the base64 of 32 bytes.
fn parse(text: &[u8]) -> Option<Secret> {
    let mut secret = Secret::default();
    if text.len() == 64 {
        for (byte, digits) in secret.iter_mut().zip(text.chunks_exact(2)) {
            let [high, low] = digits else { return None };
            let digit = |text: u8| char::from(text).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            *byte = digit(*high)? * 16 + digit(*low)?;
        }
        return Some(secret);
    }
    let bytes = Zeroizing::new(BASE64.decode(text).ok()?);
    (bytes.len() == secret.len()).then(|| secret.copy_from_slice(&bytes)).map(|()| secret)
}

/// The name in the directory must be as durable as the bytes.
fn sync_folder(file: &Path) -> io::Result<()> {
    File::open(folder_of(file))?.sync_all()
}

/// Opens a new file that only its owner can read; an error when there is one already.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> io::Result<bool> {
    Ok(std::os::unix::fs::MetadataExt::mode(&file.metadata()?) & 0o077 != 0)
}

/// Elsewhere the file system's own rights are the operator's to set.
#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_spellings_of_32_bytes() {
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";
        let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        assert_eq!(parse(hex.as_bytes()), parse(base64.as_bytes()));
        assert_eq!(parse(hex.as_bytes()).unwrap()[31], 31);
        for wrong in ["", "00", &hex[2..], &format!("{hex}00"), &base64[4..], &hex.replace('f', "g"), &hex.replace("00", "é")] {
            assert_eq!(parse(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn the_derivation_never_changes() {
        let key = KeyEncryptionKey::derive(&Box::new(Zeroizing::new([7; 32])));
        let other = KeyEncryptionKey::derive(&Box::new(Zeroizing::new([8; 32])));
        assert_ne!(*key.wrapping, *key.look_up);
        assert_ne!(**key.wrapping, key.check);
        assert_ne!(key.check, other.check);
        // Held fast: with another derivation no old value would open and no old hash be found.
        // (The values are those of Python's hmac and struct modules.)
        let hash = key.look_up_hash(LookUpKind::RegistrationNumber, b"0101010000");
        assert_eq!(hex(&hash), "e05c6e984b925b6eccffd66a104ec1768eecb6f6bb250fe9b8a6282bdf615052");
        assert_eq!(hex(&key.check), "1bb0f0a24eed336416583966680573e2c6446800b0f3a005912f5c7bb50185b1");
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
