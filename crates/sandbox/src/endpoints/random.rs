//! Random bytes that cannot be guessed, for watch links and tokens.

use crate::http::response::ApiError;

pub(super) fn random_bytes<const N: usize>() -> Result<[u8; N], ApiError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|_| ApiError::with_message(500, "no_randomness", "the operating system gave no random bytes"))?;
    Ok(bytes)
}
