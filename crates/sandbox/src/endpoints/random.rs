//! Random bytes that cannot be guessed, for watch links and tokens.

use crate::http::response::ApiError;

pub(super) fn random_bytes<const N: usize>() -> Result<[u8; N], ApiError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| ApiError::new(500, "no_randomness"))?;
    Ok(bytes)
}

/// A random UUID (version 4). A watch link is as sensitive as a password, so it does not come from the seeded generator.
pub(super) fn uuid() -> Result<String, ApiError> {
    let mut bytes: [u8; 16] = random_bytes()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}
