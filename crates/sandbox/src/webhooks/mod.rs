//! Sends sessions that have ended to their webhooks, and logs every attempt and refusal.

mod delivery;
mod log;
mod url;

use serde::{Deserialize, Serialize};

pub(crate) use delivery::{Delivery, WebhookSender};
pub(crate) use log::WebhookLog;
pub(crate) use url::WebhookUrl;

/// How often a webhook is sent if its receiver does not answer with a 2xx status.
/// assumed: once, because the service documents no retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryPolicy {
    pub(crate) attempts: u32,
    /// The time between two attempts.
    pub(crate) wait_ms: u64,
}

const MAX_ATTEMPTS: u32 = 100;
const MAX_WAIT_MS: u64 = 60_000;

impl RetryPolicy {
    /// The error is a sentence that begins with the name of the member.
    pub(crate) fn check(self) -> Result<(), String> {
        if !(1..=MAX_ATTEMPTS).contains(&self.attempts) {
            return Err(format!("attempts is {}, not from 1 to {MAX_ATTEMPTS}", self.attempts));
        }
        if self.wait_ms > MAX_WAIT_MS {
            return Err(format!("wait_ms is {}, more than {MAX_WAIT_MS}", self.wait_ms));
        }
        Ok(())
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 1, wait_ms: 1_000 }
    }
}
