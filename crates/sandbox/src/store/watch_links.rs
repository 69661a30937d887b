//! Watch links: short-lived and unguessable. Only the latest ones are kept.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

use super::{Metadata, Permissions};
use crate::clock::MINUTE;
use crate::webhooks::WebhookUrl;

/// assumed: the service says only that a link "doesn't last long".
const LIFETIME_MS: i64 = 5 * MINUTE;
const MAX_LINKS: usize = 10_000;

#[derive(Clone)]
pub(crate) struct WatchLink {
    pub(crate) visitor_id: String,
    pub(crate) agent: usize,
    /// What the page shows: agent, branding, notes, language and viewer, as `GET /session/{token}` embeds them.
    pub(crate) page_settings: Value,
    pub(crate) permissions: Permissions,
    pub(crate) metadata: Metadata,
    pub(crate) webhook: Option<WebhookUrl>,
    /// The memory that the link uses, and that a session of this link adds to the store.
    pub(crate) bytes: usize,
}

pub(crate) struct Entry {
    pub(crate) link: WatchLink,
    pub(crate) expires_ms: i64,
    /// The session that the link started or joined last.
    pub(crate) session: Option<usize>,
    /// Whether that session is ongoing.
    in_session: bool,
    /// Whether the token is in `oldest_first`. The token of a link that is in a session can be taken out.
    is_queued: bool,
}

impl Entry {
    pub(crate) fn is_expired(&self, now_ms: i64) -> bool {
        self.expires_ms <= now_ms
    }
}

#[derive(Default)]
pub(crate) struct WatchLinks {
    by_token: HashMap<String, Entry>,
    oldest_first: VecDeque<String>,
}

impl WatchLinks {
    pub(crate) fn get(&self, token: &str) -> Option<&Entry> {
        self.by_token.get(token)
    }

    /// Adds a link. Returns its expiration time, and the links that were removed to make room.
    pub(super) fn add(&mut self, token: &str, link: WatchLink, now_ms: i64) -> (i64, Vec<WatchLink>) {
        let mut removed = Vec::new();
        while self.oldest_first.len() >= MAX_LINKS {
            removed.extend(self.remove_oldest());
        }
        let expires_ms = now_ms + LIFETIME_MS;
        let entry = Entry { link, expires_ms, session: None, in_session: false, is_queued: true };
        self.by_token.insert(token.to_owned(), entry);
        self.oldest_first.push_back(token.to_owned());
        (expires_ms, removed)
    }

    /// Removes the links that have expired and are not in a session.
    pub(super) fn remove_expired(&mut self, now_ms: i64) -> Vec<WatchLink> {
        let mut removed = Vec::new();
        let mut kept = VecDeque::new();
        for token in std::mem::take(&mut self.oldest_first) {
            match self.by_token.get(&token) {
                Some(entry) if entry.is_expired(now_ms) && !entry.in_session => {
                    removed.extend(self.by_token.remove(&token).map(|entry| entry.link));
                }
                _ => kept.push_back(token),
            }
        }
        self.oldest_first = kept;
        removed
    }

    /// Takes the oldest token out of the queue. The link of an ongoing session is kept, because its page needs it.
    fn remove_oldest(&mut self) -> Option<WatchLink> {
        let token = self.oldest_first.pop_front()?;
        match self.by_token.get_mut(&token) {
            Some(entry) if entry.in_session => {
                entry.is_queued = false;
                None
            }
            _ => self.by_token.remove(&token).map(|entry| entry.link),
        }
    }

    pub(super) fn session_started(&mut self, token: &str, session: usize) {
        if let Some(entry) = self.by_token.get_mut(token) {
            entry.session = Some(session);
            entry.in_session = true;
        }
    }

    pub(super) fn session_ended(&mut self, token: &str) {
        if let Some(entry) = self.by_token.get_mut(token) {
            entry.in_session = false;
            if !entry.is_queued {
                entry.is_queued = true;
                self.oldest_first.push_back(token.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> WatchLink {
        WatchLink {
            visitor_id: "V".to_owned(),
            agent: 0,
            page_settings: Value::Null,
            permissions: Permissions::default(),
            metadata: Metadata::new(),
            webhook: None,
            bytes: 0,
        }
    }

    #[test]
    fn keeps_the_latest_links_and_those_in_a_session() {
        let mut links = WatchLinks::default();
        links.add("first", link(), 0);
        links.add("second", link(), 0);
        links.session_started("first", 7);
        let mut removed = 0;
        for number in 0..MAX_LINKS {
            removed += links.add(&number.to_string(), link(), 0).1.len();
        }
        assert_eq!(removed, 1);
        assert_eq!(links.get("first").and_then(|entry| entry.session), Some(7));
        assert!(links.get("second").is_none() && links.get("0").is_some());

        links.session_ended("first");
        assert_eq!(links.by_token.len(), MAX_LINKS + 1);
        links.add("next", link(), 0);
        assert_eq!((links.by_token.len(), links.oldest_first.len()), (MAX_LINKS, MAX_LINKS));
    }

    #[test]
    fn removes_expired_links_that_are_not_in_a_session() {
        let mut links = WatchLinks::default();
        for (token, at_ms) in [("old", 0), ("watching", 0), ("new", 1)] {
            links.add(token, link(), at_ms);
        }
        links.session_started("watching", 0);
        assert_eq!(links.remove_expired(LIFETIME_MS).len(), 1);
        assert!(links.get("old").is_none() && links.get("watching").is_some() && links.get("new").is_some());
        links.session_ended("watching");
        assert_eq!(links.remove_expired(LIFETIME_MS).len(), 1);
    }
}
