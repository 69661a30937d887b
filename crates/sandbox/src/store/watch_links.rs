//! The watch links: short-lived, unguessable, the latest ones remembered.

use std::collections::{HashMap, VecDeque};

use super::Metadata;
use crate::clock::MINUTE;
use crate::webhook::Hook;

/// assumed: the service says only that a link "doesn't last long".
const LIFETIME_MS: i64 = 5 * MINUTE;
const REMEMBERED: usize = 10_000;

#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) visitor_id: String,
    pub(crate) agent: usize,
    pub(crate) metadata: Metadata,
    pub(crate) features: Vec<&'static str>,
    pub(crate) hook: Option<Hook>,
    /// What it adds to the memory in use.
    pub(crate) bytes: usize,
}

struct Issued {
    link: Link,
    expires_ms: i64,
}

#[derive(Default)]
pub(crate) struct Links {
    by_token: HashMap<String, Issued>,
    oldest_first: VecDeque<String>,
}

impl Links {
    /// Remembers a link, and says when it expires.
    pub(crate) fn issue(&mut self, token: &str, link: Link, now_ms: i64) -> i64 {
        if self.oldest_first.len() >= REMEMBERED
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.by_token.remove(&oldest);
        }
        let expires_ms = now_ms + LIFETIME_MS;
        self.by_token.insert(token.to_owned(), Issued { link, expires_ms });
        self.oldest_first.push_back(token.to_owned());
        expires_ms
    }

    pub(crate) fn find(&self, token: &str, now_ms: i64) -> Found {
        match self.by_token.get(token) {
            None => Found::Nothing,
            Some(issued) if issued.expires_ms <= now_ms => Found::Expired,
            Some(issued) => Found::Valid(issued.link.clone()),
        }
    }
}

pub(crate) enum Found {
    Valid(Link),
    Expired,
    Nothing,
}
