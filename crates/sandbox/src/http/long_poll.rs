//! How long a request may wait for news.

use std::time::Duration;

const MAX_WAIT_MS: u64 = 60_000;

/// The error is a sentence for the client.
pub(crate) fn wait(wait_ms: Option<u64>) -> Result<Duration, String> {
    match wait_ms.unwrap_or(0) {
        wait_ms @ 0..=MAX_WAIT_MS => Ok(Duration::from_millis(wait_ms)),
        wait_ms => Err(format!("wait_ms is {wait_ms}, more than {MAX_WAIT_MS}")),
    }
}
