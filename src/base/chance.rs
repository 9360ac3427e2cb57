//! Chance from the operating system: the one place where keys, nonces, tokens and ids of the service come from.

/// `N` random bytes, fit for keys.
///
/// # Panics
/// When the operating system has no randomness to give: nothing safe can be done then.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    #[expect(clippy::expect_used, reason = "without randomness no id, key or token is safe")]
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}
