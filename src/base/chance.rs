//! Chance from the operating system: the one place where keys, nonces, tokens and ids of the service come from.

/// `N` random bytes, fit for ids, nonces and tokens.
///
/// # Panics
/// As [`fill`].
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    fill(&mut bytes);
    bytes
}

/// Fills with random bytes in place, so that a secret is in one place only.
///
/// # Panics
/// When the operating system has no randomness to give: nothing safe can be done then.
#[expect(clippy::expect_used, reason = "without randomness no id, key or token is safe")]
pub fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives randomness");
}
