//! The data of the imitated service, and how a co-browsing session changes it.

mod agents;
mod customer_pages;
mod metadata_text;
mod permissions;
mod saved;
mod session_json;
mod session_life;
mod sessions;
mod usage;
mod visitor_attributes;
mod visitors;
mod watch_links;

use serde_json::{Map, Value, json};

use crate::http::response::ApiError;
use crate::json::{members_size, write_json_list};
use crate::webhooks::Delivery;

pub(crate) use agents::{Agent, Agents};
pub(crate) use customer_pages::CustomerPages;
pub(crate) use metadata_text::MetadataText;
pub(crate) use permissions::Permissions;
pub(crate) use saved::{SavedState, VERSION as SAVED_VERSION};
use session_json::SessionJson;
pub(crate) use session_life::NewSession;
pub(crate) use sessions::{EndedBy, Session, Sessions, State};
pub(crate) use visitor_attributes::DocumentedAttributes;
pub(crate) use visitors::{SearchTerm, Visitor, Visitors};
pub(crate) use watch_links::{WatchLink, WatchLinks};

/// The limit for added data until the next reset, so that a runaway client cannot use up the memory.
const MAX_ADDED_BYTES: usize = 256 << 20;
/// The least memory that a record is assumed to use.
const RECORD_BYTES: usize = 512;

/// assumed: a visitor has its latest 50 sessions, oldest first.
const SESSIONS_PER_VISITOR: usize = 50;
const SESSIONS_PER_AGENT: usize = 10;

#[derive(Default)]
pub(crate) struct Store {
    pub(crate) visitors: Visitors,
    pub(crate) agents: Agents,
    pub(crate) sessions: Sessions,
    pub(crate) watch_links: WatchLinks,
    pub(crate) customer_pages: CustomerPages,
    /// The webhooks of sessions that have ended, which the server sends.
    deliveries: Vec<Delivery>,
    added_bytes: usize,
}

impl Store {
    /// Counts the memory that a request is about to add. Fails if the sandbox is full.
    pub(crate) fn reserve(&mut self, bytes: usize, now_ms: i64) -> Result<(), ApiError> {
        let fits = |added: usize| added.saturating_add(bytes).saturating_add(RECORD_BYTES) <= MAX_ADDED_BYTES;
        if !fits(self.added_bytes) {
            for link in self.watch_links.remove_expired(now_ms) {
                self.release(link.bytes);
            }
            if !fits(self.added_bytes) {
                let message = "the sandbox holds 256 MB of added data; delete visitors, or reset the sandbox";
                return Err(ApiError::with_message(503, "sandbox_full", message));
            }
        }
        self.added_bytes += bytes + RECORD_BYTES;
        Ok(())
    }

    /// Gives back what was reserved.
    fn release(&mut self, bytes: usize) {
        self.added_bytes = self.added_bytes.saturating_sub(bytes + RECORD_BYTES);
    }

    /// Adds a link and returns its expiration time.
    pub(crate) fn add_watch_link(&mut self, token: &str, link: WatchLink, now_ms: i64) -> Result<i64, ApiError> {
        self.reserve(link.bytes, now_ms)?;
        let (expires_ms, removed) = self.watch_links.add(token, link, now_ms);
        for link in removed {
            self.release(link.bytes);
        }
        Ok(expires_ms)
    }

    /// Adds a visitor with these attributes, or changes them if the visitor exists. `requires_acceptance` stays as it is if
    /// it is not given.
    pub(crate) fn put_visitor(
        &mut self,
        short_id: &str,
        changes: Map<String, Value>,
        requires_acceptance: Option<bool>,
        now_ms: i64,
    ) -> Result<(), ApiError> {
        let changed_bytes = members_size(&changes);
        self.reserve(changed_bytes, now_ms)?;
        self.visitors.upsert(short_id, changes, now_ms);
        let bytes = self.visitors.get(short_id).map_or(0, Visitor::memory_size);
        self.release(changed_bytes);
        self.added_bytes += bytes + RECORD_BYTES;
        if let Some(earlier) = self.visitors.replace_reserved_bytes(short_id, bytes) {
            self.release(earlier);
        }
        if let Some(requires_acceptance) = requires_acceptance {
            self.visitors.set_requires_acceptance(short_id, requires_acceptance);
        }
        Ok(())
    }

    /// Removes a visitor. assumed: the sessions of a deleted visitor stay in the session list.
    pub(crate) fn remove_visitor(&mut self, short_id: &str) -> bool {
        let Some(visitor) = self.visitors.remove(short_id) else {
            return false;
        };
        if let Some(bytes) = visitor.reserved_bytes() {
            self.release(bytes);
        }
        self.customer_pages.forget_visitor(short_id);
        true
    }

    /// Adds a webhook to those that the server sends.
    pub(crate) fn send_webhook(&mut self, delivery: Delivery) {
        self.deliveries.push(delivery);
    }

    /// The webhooks of the sessions that have ended since the last call.
    pub(crate) fn take_deliveries(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.deliveries)
    }

    /// Adds a session of the sample data.
    pub(crate) fn add_session(&mut self, session: Session) {
        let agents = session.agents.clone();
        if session.is_ongoing() {
            self.visitors.set_flags(&session.visitor_id, &[("is_in_session", true), ("is_waiting_for_call", false)]);
        }
        let position = self.sessions.push(session);
        for agent in agents {
            self.sessions.insert_into(self.agents.sessions_mut(agent), position);
        }
    }

    /// Appends a visitor with its sessions as JSON text.
    pub(crate) fn write_visitor(&self, visitor: &Visitor, now_ms: i64, text: &mut Vec<u8>) {
        text.extend_from_slice(br#"{"sessions":"#);
        let positions = self.sessions.of_visitor(visitor.short_id());
        write_json_list(text, self.latest_sessions(positions, SESSIONS_PER_VISITOR, now_ms));
        text.push(b',');
        text.extend_from_slice(visitor.json().strip_prefix('{').unwrap_or_default().as_bytes());
    }

    pub(crate) fn agent_json(&self, agent: &Agent, now_ms: i64) -> Value {
        let mut json = json!(agent.json());
        json["sessions"] =
            self.latest_sessions(&agent.sessions, SESSIONS_PER_AGENT, now_ms).map(|session| json!(session)).collect();
        json
    }

    pub(crate) fn session_json<'a>(&'a self, session: &'a Session, now_ms: i64) -> SessionJson<'a> {
        SessionJson::new(session, &self.agents, now_ms)
    }

    fn latest_sessions(&self, positions: &[usize], limit: usize, now_ms: i64) -> impl Iterator<Item = SessionJson<'_>> {
        let latest = &positions[positions.len().saturating_sub(limit)..];
        latest.iter().map(move |position| self.session_json(self.sessions.get(*position), now_ms))
    }

    /// assumed: a visitor in a session counts as online, regardless of `is_online`.
    pub(crate) fn is_deletable(&self, visitor: &Visitor) -> bool {
        !visitor.is_online() && self.sessions.ongoing_of(visitor.short_id()).is_none()
    }
}

/// The `metadata` of a watch link, which becomes the metadata of its session.
pub(crate) type Metadata = Map<String, Value>;

#[cfg(test)]
mod tests {
    use super::*;

    fn link(bytes: usize) -> WatchLink {
        WatchLink {
            visitor_id: "V".to_owned(),
            agent: 0,
            page_settings: Value::Null,
            permissions: Permissions::default(),
            metadata: Metadata::new(),
            webhook: None,
            bytes,
        }
    }

    #[test]
    fn links_that_are_replaced_by_later_ones_give_their_room_back() {
        let mut store = Store::default();
        for number in 0..30_000 {
            assert!(store.add_watch_link(&number.to_string(), link(20_000), 0).is_ok(), "{number}");
        }
        assert!(store.added_bytes > 0 && store.added_bytes < MAX_ADDED_BYTES);
    }

    #[test]
    fn expired_links_give_their_room_back_when_it_is_needed() {
        let mut store = Store::default();
        let mut expires_ms = 0;
        for number in 0..255 {
            expires_ms = store.add_watch_link(&number.to_string(), link(1 << 20), 0).unwrap();
        }
        assert!(store.add_watch_link("too many", link(1 << 20), expires_ms - 1).is_err());
        assert!(store.add_watch_link("later", link(1 << 20), expires_ms).is_ok());
        assert_eq!(store.added_bytes, (1 << 20) + RECORD_BYTES);
    }
}
