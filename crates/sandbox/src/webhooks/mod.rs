//! Sends sessions that have ended to their webhooks, and logs every attempt and refusal.

mod delivery;
mod log;
mod url;

pub(crate) use delivery::{Delivery, WebhookSender};
pub(crate) use log::WebhookLog;
pub(crate) use url::WebhookUrl;

/// How often a webhook is sent if its receiver does not answer with a 2xx status.
/// assumed: once, because the service documents no retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryPolicy {
    pub(crate) attempts: u32,
    /// The time between two attempts.
    pub(crate) wait_ms: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 1, wait_ms: 1_000 }
    }
}
