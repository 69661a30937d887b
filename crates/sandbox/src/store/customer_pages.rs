//! Browsers in which the customer's page is open: the visitors that `sdk.js` connects.

use std::collections::HashMap;

use serde_json::Map;

use super::{EndedBy, Store};
use crate::http::response::ApiError;

/// assumed: a visitor is offline if its page has not reported for this long, in real time.
const SILENCE_MS: u64 = 10_000;
/// The limit for pages, because any website can connect some. The oldest that is offline is forgotten first.
const MAX_PAGES: usize = 1_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Online,
    /// The page was closed. The visitor may be opening the next one.
    Leaving,
    Gone,
}

struct CustomerPage {
    short_id: String,
    presence: Presence,
    /// When the page reported last, in real time.
    heard_ms: u64,
}

/// By visitor key: a secret that only the page knows.
#[derive(Default)]
pub(crate) struct CustomerPages {
    by_key: HashMap<String, CustomerPage>,
    /// When a page can become silent, at the earliest.
    next_check_ms: Option<u64>,
}

impl CustomerPages {
    pub(crate) fn visitor_of(&self, key: &str) -> Option<&str> {
        self.by_key.get(key).map(|page| page.short_id.as_str())
    }

    /// Adds a page, or notes that it has reported.
    fn heard(&mut self, key: &str, short_id: &str, elapsed_ms: u64) {
        match self.by_key.get_mut(key) {
            Some(page) => {
                page.presence = Presence::Online;
                page.heard_ms = elapsed_ms;
            }
            None => {
                let page =
                    CustomerPage { short_id: short_id.to_owned(), presence: Presence::Online, heard_ms: elapsed_ms };
                self.by_key.insert(key.to_owned(), page);
            }
        }
        self.check_at(elapsed_ms + SILENCE_MS);
    }

    fn is_full(&self) -> bool {
        self.by_key.len() >= MAX_PAGES
    }

    /// The visitor whose page has been offline for the longest time.
    fn oldest_gone(&self) -> Option<String> {
        let gone = self.by_key.values().filter(|page| page.presence == Presence::Gone);
        gone.min_by_key(|page| page.heard_ms).map(|page| page.short_id.clone())
    }

    fn leave(&mut self, key: &str, elapsed_ms: u64) {
        if let Some(page) = self.by_key.get_mut(key) {
            page.presence = Presence::Leaving;
            page.heard_ms = elapsed_ms;
            self.check_at(elapsed_ms + SILENCE_MS);
        }
    }

    fn check_at(&mut self, at_ms: u64) {
        self.next_check_ms = Some(self.next_check_ms.map_or(at_ms, |earlier| earlier.min(at_ms)));
    }

    pub(super) fn forget_visitor(&mut self, short_id: &str) {
        self.by_key.retain(|_, page| page.short_id != short_id);
    }

    /// When to call `take_silent` next.
    pub(crate) fn next_check_ms(&self) -> Option<u64> {
        self.next_check_ms
    }

    /// The visitors whose pages have not reported for too long since the last call.
    fn take_silent(&mut self, elapsed_ms: u64) -> Vec<String> {
        if self.next_check_ms.is_none_or(|at_ms| at_ms > elapsed_ms) {
            return Vec::new();
        }
        let mut silent = Vec::new();
        let mut next = None;
        for page in self.by_key.values_mut() {
            let silent_ms = page.heard_ms + SILENCE_MS;
            if page.presence == Presence::Gone {
                continue;
            }
            if silent_ms > elapsed_ms {
                next = Some(next.map_or(silent_ms, |earlier: u64| earlier.min(silent_ms)));
            } else {
                page.presence = Presence::Gone;
                silent.push(page.short_id.clone());
            }
        }
        self.next_check_ms = next;
        silent
    }
}

impl Store {
    /// Notes that the page with this key has reported, and that its visitor is online.
    pub(crate) fn customer_page_reported(&mut self, key: &str, short_id: &str, elapsed_ms: u64) {
        self.customer_pages.heard(key, short_id, elapsed_ms);
        self.visitors.set_flag(short_id, "is_online", true);
    }

    /// Makes room for another page: forgets the visitor that left first. Fails if all of them are online.
    pub(crate) fn make_room_for_customer_page(&mut self) -> Result<(), ApiError> {
        if self.customer_pages.is_full() {
            let message = "the sandbox has 1,000 visitors with an open page; close some, or reset the sandbox";
            let gone = self.customer_pages.oldest_gone();
            let short_id = gone.ok_or_else(|| ApiError::with_message(503, "sandbox_full", message))?;
            self.remove_visitor(&short_id);
        }
        Ok(())
    }

    /// The page with this key was closed. assumed: its session goes on if the visitor opens another page in time.
    pub(crate) fn customer_page_closed(&mut self, key: &str, elapsed_ms: u64, now_ms: i64) {
        if let Some(short_id) = self.customer_pages.visitor_of(key).map(str::to_owned) {
            self.customer_pages.leave(key, elapsed_ms);
            self.set_offline(&short_id, now_ms);
        }
    }

    /// Sets visitors offline whose pages have stopped reporting, and ends their sessions. Returns whether there were any.
    pub(crate) fn end_silent_customer_pages(&mut self, elapsed_ms: u64, now_ms: i64) -> bool {
        let silent = self.customer_pages.take_silent(elapsed_ms);
        for short_id in &silent {
            self.set_offline(short_id, now_ms);
            self.end_session_of(short_id, EndedBy::Closing, now_ms);
        }
        !silent.is_empty()
    }

    fn set_offline(&mut self, short_id: &str, now_ms: i64) {
        if self.visitors.get(short_id).is_some_and(|visitor| visitor.is_online()) {
            let mut changes = Map::new();
            changes.insert("is_online".to_owned(), false.into());
            self.visitors.upsert(short_id, changes, now_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{NewSession, State};

    #[test]
    fn a_page_that_stops_reporting_is_taken_once() {
        let mut pages = CustomerPages::default();
        pages.heard("a", "A", 0);
        pages.heard("b", "B", 0);
        pages.heard("a", "A", 5_000);
        assert_eq!(pages.take_silent(SILENCE_MS - 1), Vec::<String>::new());
        assert_eq!(pages.take_silent(SILENCE_MS), ["B"]);
        assert_eq!(pages.next_check_ms(), Some(5_000 + SILENCE_MS));
        assert_eq!(pages.take_silent(60_000), ["A"]);
        assert_eq!((pages.take_silent(120_000), pages.next_check_ms()), (Vec::new(), None));
        assert_eq!(pages.oldest_gone().as_deref(), Some("B"));
    }

    #[test]
    fn a_page_that_was_closed_has_time_to_connect_again() {
        let mut pages = CustomerPages::default();
        pages.heard("a", "A", 0);
        pages.leave("a", 1);
        pages.heard("a", "A", 9_000);
        assert_eq!(pages.take_silent(SILENCE_MS + 1), Vec::<String>::new());
        pages.forget_visitor("A");
        assert_eq!(pages.visitor_of("a"), None);
        assert_eq!(pages.take_silent(60_000), Vec::<String>::new());
    }

    fn online_visitor(store: &mut Store, key: &str, short_id: &str, elapsed_ms: u64) {
        store.make_room_for_customer_page().unwrap();
        store.put_visitor(short_id, Map::new(), None, 0).unwrap();
        store.customer_page_reported(key, short_id, elapsed_ms);
    }

    #[test]
    fn a_silent_page_sets_its_visitor_offline_and_ends_the_session() {
        let mut store = Store::default();
        online_visitor(&mut store, "a", "A", 0);
        let new = NewSession {
            visitor_id: "A".to_owned(),
            agent: None,
            metadata: Map::new(),
            features: Vec::new(),
            webhook: None,
            started_ms: 0,
            is_pending: false,
            bytes: 0,
        };
        let position = store.start_or_join_session(new, 0).unwrap();
        assert!(!store.end_silent_customer_pages(SILENCE_MS - 1, 5));
        assert!(store.end_silent_customer_pages(SILENCE_MS, 7));
        let visitor = store.visitors.get("A").unwrap();
        assert_eq!((visitor.flag("is_online"), visitor.last_seen_ms()), (false, 7));
        assert_eq!(store.sessions.get(position).state(), State::Ended { at_ms: 7, by: EndedBy::Closing });
    }

    #[test]
    fn the_visitor_that_left_first_makes_room_for_the_next_one() {
        let mut store = Store::default();
        for number in 0..MAX_PAGES {
            online_visitor(&mut store, &format!("key {number}"), &format!("V{number}"), number as u64);
        }
        assert!(store.make_room_for_customer_page().is_err());
        assert!(store.end_silent_customer_pages(SILENCE_MS + 1, 0));
        online_visitor(&mut store, "next", "NEXT", SILENCE_MS + 1);
        assert!(store.visitors.get("V0").is_none() && store.customer_pages.visitor_of("key 0").is_none());
        assert!(store.visitors.get("V1").is_some() && store.visitors.get("NEXT").is_some());
    }
}
