//! The data of the imitated service, and how a co-browsing session changes it.

mod agents;
mod sessions;
mod visitors;
mod watch_links;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::http::response::ApiError;
use crate::webhooks::{Delivery, WebhookUrl};

pub(crate) use agents::{Agent, Agents};
pub(crate) use sessions::{Session, Sessions};
pub(crate) use visitors::{Visitor, Visitors};
pub(crate) use watch_links::{LinkStatus, WatchLink, WatchLinks};

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
    added_bytes: usize,
}

impl Store {
    /// Counts the memory that a request is about to add. Fails if the sandbox is full.
    pub(crate) fn reserve(&mut self, bytes: usize) -> Result<(), ApiError> {
        let total = self.added_bytes.saturating_add(bytes + RECORD_BYTES);
        if total > MAX_ADDED_BYTES {
            return Err(ApiError::with_message(503, "sandbox_full", "the sandbox has no room for more data; reset it"));
        }
        self.added_bytes = total;
        Ok(())
    }

    pub(crate) fn visitor_json(&self, visitor: &Visitor, now_ms: i64) -> Value {
        let mut json = visitor.attributes().clone();
        let positions = self.sessions.of_visitor(visitor.short_id());
        json.insert("sessions".to_owned(), self.latest_sessions(positions, SESSIONS_PER_VISITOR, now_ms));
        Value::Object(json)
    }

    pub(crate) fn agent_json(&self, agent: &Agent, now_ms: i64) -> Value {
        let mut json = agent.json();
        json["sessions"] = self.latest_sessions(&agent.sessions, SESSIONS_PER_AGENT, now_ms);
        json
    }

    pub(crate) fn session_json(&self, session: &Session, now_ms: i64) -> Value {
        session.json(&self.agents, now_ms)
    }

    fn latest_sessions(&self, positions: &[usize], limit: usize, now_ms: i64) -> Value {
        let latest = &positions[positions.len().saturating_sub(limit)..];
        latest.iter().map(|position| self.session_json(self.sessions.get(*position), now_ms)).collect()
    }

    /// Starts the visitor's session, or adds the agent to the ongoing one. Returns the session's position.
    pub(crate) fn start_or_join_session(&mut self, link: &WatchLink, now_ms: i64) -> Result<usize, ApiError> {
        let position = match self.sessions.ongoing_of(&link.visitor_id) {
            Some(position) => position,
            None => {
                self.reserve(link.bytes)?;
                let mut session = Session::new(&link.visitor_id, now_ms);
                session.metadata = link.metadata.clone();
                session.features_used = link.features.clone();
                // assumed: a session also starts if the visitor is offline.
                self.visitors.set_flag(&link.visitor_id, "is_in_session", true);
                self.visitors.set_flag(&link.visitor_id, "is_waiting_for_call", false);
                self.sessions.push(session)
            }
        };
        let session = self.sessions.get_mut(position);
        session.updated_ms = now_ms;
        if !session.agents.contains(&link.agent) {
            session.agents.push(link.agent);
            self.agents.add_session(link.agent, position);
        }
        if let Some(webhook) = &link.webhook
            && !session.webhooks.contains(webhook)
        {
            session.webhooks.push(webhook.clone());
        }
        Ok(position)
    }

    /// Ends the visitor's ongoing session. Returns `None` if the visitor has none.
    pub(crate) fn end_session(&mut self, visitor_id: &str, now_ms: i64) -> Option<Vec<Delivery>> {
        let position = self.sessions.end(visitor_id, now_ms)?;
        self.visitors.set_flag(visitor_id, "is_in_session", false);
        let webhooks: Vec<WebhookUrl> = std::mem::take(&mut self.sessions.get_mut(position).webhooks);
        let body: Arc<str> = self.session_json(self.sessions.get(position), now_ms).to_string().into();
        let delivery = |url| Delivery { url, body: body.clone() };
        Some(webhooks.into_iter().map(delivery).collect())
    }

    /// assumed: a visitor in a session counts as online, regardless of `is_online`.
    pub(crate) fn is_deletable(&self, visitor: &Visitor) -> bool {
        !visitor.flag("is_online") && self.sessions.ongoing_of(visitor.short_id()).is_none()
    }
}

/// The `metadata` of a watch link, which becomes the metadata of its session.
pub(crate) type Metadata = Map<String, Value>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_of_a_session_share_their_body() {
        let mut store = Store::default();
        for port in 1..=2 {
            let link = WatchLink {
                visitor_id: "V".to_owned(),
                agent: store.agents.find_or_add_external("1", None),
                metadata: Metadata::new(),
                features: Vec::new(),
                webhook: WebhookUrl::parse(&format!("http://127.0.0.1:{port}/")),
                bytes: 0,
            };
            store.start_or_join_session(&link, 0).unwrap();
        }
        let deliveries = store.end_session("V", 0).unwrap();
        assert_eq!(deliveries.len(), 2);
        assert!(Arc::ptr_eq(&deliveries[0].body, &deliveries[1].body));
    }
}
