//! Random bytes that cannot be guessed, for watch links, tokens and the live page.

use crate::http::response::ApiError;

pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], ApiError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| ApiError::new(500, "no_randomness"))?;
    Ok(bytes)
}
