//! Signing in: passwords, throttling, devices and their tokens (domain section 7.9: a lost phone is signed out with one call).
//!
//! Invariants: only hashes of tokens and passwords are stored; a wrong name, a wrong password and a disabled account are answered alike
//! and cost the same work; a password is hashed outside any transaction, behind a limit of its own; a refresh token that is used again
//! after one of its children was used signs its device out; nothing outlives `devices.ends_at`.
//!
//! The composition root makes one [`Porter`] and gives it to the handlers; `messages` asks for [`push_targets`].

mod actions;
mod hashing;
pub mod http;
pub mod model;
mod porter;
mod rules;
mod store;

pub use actions::{count_visit, forget_push_target, push_devices, push_targets, replace_password_of, sign_out_everywhere};
pub use hashing::Hasher;
pub use model::{DeviceKind, Password, PushProvider, PushTarget, SignedOut};
pub use porter::Porter;
pub use rules::source_key;
