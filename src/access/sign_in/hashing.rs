//! Password hashes (argon2id): computed outside any transaction, few at once, behind a bounded queue.

use std::sync::Arc;

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::model::Password;
use crate::base::chance;
use crate::base::config::SignIn;
use crate::base::error::{Error, Result};
use crate::base::parallel::apart;

/// Computes password hashes. Cheap to clone; all clones share one limit.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    /// Who may compute.
    computing: Arc<Semaphore>,
    /// Who may compute or wait for it.
    present: Arc<Semaphore>,
    /// What the password of an unknown name is compared with, so that it costs the same work. No password gives it.
    nobody: Arc<str>,
}

impl Hasher {
    /// A hasher with the costs and limits of the settings.
    ///
    /// # Errors
    /// When argon2 refuses the costs.
    pub fn new(settings: &SignIn) -> Result<Self> {
        let params = Params::new(settings.argon2_memory_kib, settings.argon2_passes, 1, None).map_err(Error::internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let count = |number: u32| usize::try_from(number).map_err(Error::internal);
        let (at_once, waiting) = (count(settings.hashes_at_once)?, count(settings.hashes_waiting)?);
        Ok(Self {
            nobody: nobody(&argon2)?.into(),
            argon2,
            computing: Arc::new(Semaphore::new(at_once)),
            present: Arc::new(Semaphore::new(at_once.saturating_add(waiting))),
        })
    }

    /// The hash to store for a new password (a PHC string with its own salt).
    ///
    /// # Errors
    /// 503 when too many wait already, or the machine gives no more threads.
    pub async fn hash(&self, password: Password) -> Result<String> {
        let argon2 = self.argon2.clone();
        self.compute(move || hash(&argon2, password.as_str().as_bytes())).await
    }

    /// As [`Hasher::hash`], for the command line and the demo, which wait for nobody.
    ///
    /// # Errors
    /// When argon2 fails, a defect.
    pub fn hash_now(&self, password: &Password) -> Result<String> {
        hash(&self.argon2, password.as_str().as_bytes())
    }

    /// Whether the password gives the hash. `None` is nobody's: never right, at the same cost.
    ///
    /// # Errors
    /// 503 when too many wait already, or the machine gives no more threads.
    pub(super) async fn verify(&self, password: Password, stored: Option<String>) -> Result<bool> {
        let (argon2, nobody) = (self.argon2.clone(), Arc::clone(&self.nobody));
        self.compute(move || {
            let known = stored.is_some();
            let stored = PasswordHash::new(stored.as_deref().unwrap_or(&nobody)).map_err(Error::internal)?;
            // The costs are the stored hash's own: it may be older than the settings.
            Ok(argon2.verify_password(password.as_str().as_bytes(), &stored).is_ok() && known)
        })
        .await
    }

    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        const FULL: Error = Error::Unavailable("too many passwords wait to be checked");
        let place = Arc::clone(&self.present).try_acquire_owned().map_err(|_| FULL)?;
        let turn = Arc::clone(&self.computing).acquire_owned().await.map_err(|_| FULL)?;
        // Turn and place go with the work: it runs to its end even when nobody waits for it any more.
        let work = move || {
            let result = work();
            drop((turn, place));
            result
        };
        apart("password", work).await?
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<String> {
    let hash = argon2.hash_password_with_salt(password, &chance::bytes::<16>()).map_err(Error::internal)?;
    Ok(hash.to_string())
}

/// What looks like a hash at today's costs, and is none: it takes no work and no memory to make, and as much to compare with.
fn nobody(argon2: &Argon2<'_>) -> Result<String> {
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: argon2.params().try_into().map_err(Error::internal)?,
        salt: Some(Salt::new(&chance::bytes::<16>()).map_err(Error::internal)?),
        hash: Some(Output::new(&chance::bytes::<32>()).map_err(Error::internal)?),
    };
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(text.to_owned()).unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_is_right() {
        let hasher = Hasher::new(&SignIn::for_testing()).unwrap();
        let stored = hasher.hash(password("korrekt hest")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{stored}");
        assert_ne!(stored, hasher.hash_now(&password("korrekt hest")).unwrap());
        assert!(hasher.verify(password("korrekt hest"), Some(stored.clone())).await.unwrap());
        assert!(!hasher.verify(password("Korrekt hest"), Some(stored)).await.unwrap());
        assert!(!hasher.verify(password("korrekt hest"), None).await.unwrap());
    }

    #[test]
    fn comparing_with_nobody_costs_what_comparing_with_somebody_does() {
        let hasher = Hasher::new(&SignIn { argon2_memory_kib: 64, argon2_passes: 3, ..SignIn::for_testing() }).unwrap();
        let somebody = hasher.hash_now(&password("korrekt hest")).unwrap();
        let costs = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(costs(&hasher.nobody), costs(&somebody));
        assert_eq!(hasher.nobody.len(), somebody.len());
        // It was computed to the end and compared, not refused before.
        let outcome = hasher.argon2.verify_password(b"korrekt hest", &PasswordHash::new(&hasher.nobody).unwrap());
        assert_eq!(outcome, Err(argon2::password_hash::Error::PasswordInvalid));
    }

    #[tokio::test]
    async fn whoever_finds_the_queue_full_is_told_at_once() {
        let hasher = Hasher::new(&SignIn { hashes_at_once: 1, hashes_waiting: 1, ..SignIn::for_testing() }).unwrap();
        let busy = Arc::clone(&hasher.computing).acquire_owned().await.unwrap();
        let _there = Arc::clone(&hasher.present).acquire_owned().await.unwrap();
        let waiting = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.hash(password("a")).await }
        });
        tokio::task::yield_now().await;
        assert!(matches!(hasher.hash(password("a")).await, Err(Error::Unavailable(_))));
        drop(busy);
        waiting.await.unwrap().unwrap();
        assert!(hasher.hash(password("a")).await.is_ok());
    }
}
