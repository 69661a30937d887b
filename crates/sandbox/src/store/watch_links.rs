//! Watch links: short-lived and unguessable. Only the latest ones are kept.

use std::collections::{HashMap, VecDeque};

use super::Metadata;
use crate::clock::MINUTE;
use crate::webhooks::WebhookUrl;

/// assumed: the service says only that a link "doesn't last long".
const LIFETIME_MS: i64 = 5 * MINUTE;
const MAX_LINKS: usize = 10_000;

#[derive(Clone)]
pub(crate) struct WatchLink {
    pub(crate) visitor_id: String,
    pub(crate) agent: usize,
    pub(crate) metadata: Metadata,
    pub(crate) features: Vec<&'static str>,
    pub(crate) webhook: Option<WebhookUrl>,
    /// The memory that a session of this link adds to the store.
    pub(crate) bytes: usize,
}

struct Entry {
    link: WatchLink,
    expires_ms: i64,
}

#[derive(Default)]
pub(crate) struct WatchLinks {
    by_token: HashMap<String, Entry>,
    oldest_first: VecDeque<String>,
}

impl WatchLinks {
    /// Adds a link and returns its expiration time.
    pub(crate) fn add(&mut self, token: &str, link: WatchLink, now_ms: i64) -> i64 {
        if self.oldest_first.len() >= MAX_LINKS
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.by_token.remove(&oldest);
        }
        let expires_ms = now_ms + LIFETIME_MS;
        self.by_token.insert(token.to_owned(), Entry { link, expires_ms });
        self.oldest_first.push_back(token.to_owned());
        expires_ms
    }

    pub(crate) fn look_up(&self, token: &str, now_ms: i64) -> LinkStatus {
        match self.by_token.get(token) {
            None => LinkStatus::Unknown,
            Some(entry) if entry.expires_ms <= now_ms => LinkStatus::Expired,
            Some(entry) => LinkStatus::Valid(entry.link.clone()),
        }
    }
}

pub(crate) enum LinkStatus {
    Valid(WatchLink),
    Expired,
    Unknown,
}
