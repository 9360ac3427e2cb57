//! The porter: checks passwords and hands out tokens. Each errand is look up, hash, write: two short transactions around the slow work.

use std::sync::Arc;

use chrono::TimeDelta;

use super::actions::{self, Outcome};
use super::hashing::Hasher;
use super::model::{Attempt, Granted, Pair, Password, Token, TokenKind};
use super::rules;
use crate::access::{Capability, Door, Tx};
use crate::base::config::SignIn;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Call;
use crate::base::ids::AccountId;
use crate::base::value::Flaw;

/// Checks passwords and hands out tokens. Cheap to clone; one for all workers, since its limits hold for the process.
#[derive(Clone)]
pub struct Porter {
    settings: Arc<SignIn>,
    hasher: Hasher,
}

/// Tokens, and until when they hold.
pub(super) struct SignedIn {
    pub(super) pair: Arc<Pair>,
    pub(super) granted: Granted,
}

impl Porter {
    /// A porter with these settings.
    ///
    /// # Errors
    /// When the settings' costs of a hash are impossible.
    pub fn new(settings: SignIn) -> Result<Self> {
        Ok(Self { hasher: Hasher::new(&settings)?, settings: Arc::new(settings) })
    }

    /// Computes hashes, behind the porter's limit.
    pub const fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// How long an access token holds at most.
    pub fn access_span(&self) -> TimeDelta {
        TimeDelta::minutes(self.settings.access_token_min.into())
    }

    /// Refuses a new password that is too short or too simple, with 422 at `pointer`.
    ///
    /// # Errors
    /// 422.
    pub fn check_new_password(&self, password: &Password, account_name: &str, pointer: &str) -> Result<()> {
        rules::check_new_password(password, account_name, pointer, &self.settings)
    }

    /// Signs in with a password.
    ///
    /// # Errors
    /// 401 `wrong_credentials`, alike for all that can be wrong; 429 while its account or source must wait; 503 when too many sign in.
    pub(super) async fn sign_in(&self, door: &Door, call: &Call, attempt: Attempt, password: Password) -> Result<SignedIn> {
        let attempt = Arc::new(attempt);
        let asked = Arc::clone(&attempt);
        let settings = Arc::clone(&self.settings);
        let login = door.read(call, Capability::SignIn, move |tx| actions::find_login(tx, &asked, &settings)).await?;
        let stored = login.as_ref().and_then(|login| login.password_hash.clone());
        let right = self.hasher.verify(password, stored).await?;
        let (pair, settings) = (Arc::new(Pair::mint()), Arc::clone(&self.settings));
        let made = Arc::clone(&pair);
        let verb = move |tx: &mut Tx<'_>| actions::conclude(tx, &attempt, login.as_ref(), right, &made, &settings);
        let granted = door.write(call, Capability::SignIn, verb).await?.into_result(Code::WrongCredentials)?;
        Ok(SignedIn { pair, granted })
    }

    /// Gives new tokens for a refresh token.
    ///
    /// # Errors
    /// 401 `unauthenticated` for a token that is unknown, expired, signed out or stolen: the client need not know which.
    pub(super) async fn refresh(&self, door: &Door, call: &Call, token: &str) -> Result<SignedIn> {
        let hash = Token::parse(TokenKind::Refresh, token).ok_or(Code::Unauthenticated)?.hash();
        let (pair, settings) = (Arc::new(Pair::mint()), Arc::clone(&self.settings));
        let made = Arc::clone(&pair);
        let verb = move |tx: &mut Tx<'_>| actions::refresh(tx, &hash, &made, &settings);
        let granted = door.write(call, Capability::SignInRefresh, verb).await?.into_result(Code::Unauthenticated)?;
        Ok(SignedIn { pair, granted })
    }

    /// Changes the caller's password; every other device of the account is signed out.
    ///
    /// # Errors
    /// 412 when the account changed since it was read; 422 for a wrong old or a bad new password; 429, 503 as at sign-in.
    pub(super) async fn change_password(
        &self,
        door: &Door,
        call: &Call,
        passwords: impl FnOnce() -> Result<(Password, Password)> + Send + 'static,
    ) -> Result<AccountId> {
        let (expected, source, settings) = (call.clone(), call.peer(), Arc::clone(&self.settings));
        // The credential comes before the body: who is not signed in is told nothing else.
        let read = move |tx: &mut Tx<'_>| Ok((passwords()?, actions::own_password(tx, &expected.expected()?, source, &settings)?));
        let ((old, new), own) = door.read(call, Capability::PasswordChange, read).await?;
        self.check_new_password(&new, &own.name, "/new_password")?;
        let right = self.hasher.verify(old, Some(own.hash.clone())).await?;
        let new_hash = if right { Some(self.hasher.hash(new).await?) } else { None };
        let settings = Arc::clone(&self.settings);
        let verb = move |tx: &mut Tx<'_>| actions::change_password(tx, &own, new_hash.as_deref(), source, &settings);
        door.write(call, Capability::PasswordChange, verb).await?.into_result(Code::Invalid)
    }

    /// Replaces the password of another account, which is signed out everywhere.
    ///
    /// # Errors
    /// 403 for the caller's own; 404; 412 when the account changed since it was read; 422 for a bad new password; 503 as at sign-in.
    pub(super) async fn replace_password(
        &self,
        door: &Door,
        call: &Call,
        asked: impl FnOnce() -> Result<(AccountId, Password)> + Send + 'static,
    ) -> Result<()> {
        let expected = call.clone();
        let look = move |tx: &mut Tx<'_>| {
            let (account, new) = asked()?;
            Ok((account, new, actions::whose_password(tx, account, &expected.expected()?)?))
        };
        let (account, new, name) = door.read(call, Capability::AccountsSetPassword, look).await?;
        self.check_new_password(&new, &name, "/password")?;
        let (expected, hash) = (call.clone(), self.hasher.hash(new).await?);
        let verb = move |tx: &mut Tx<'_>| actions::replace_password(tx, account, &expected.expected()?, &hash);
        door.write(call, Capability::AccountsSetPassword, verb).await
    }
}

impl<T> Outcome<T> {
    /// As the client is told; what was written down about a refusal is committed by now.
    fn into_result(self, wrong: Code) -> Result<T> {
        match self {
            Self::Good(value) => Ok(value),
            Self::Wrong if wrong == Code::Invalid => Err(Flaw::Wrong.refused("/old_password")),
            Self::Wrong => Err(wrong.into()),
            Self::Wait(wait) => Err(Problem::new(Code::TooManyRequests).retry_after(rules::whole_seconds(wait)).into()),
        }
    }
}
