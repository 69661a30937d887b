//! What the imitated service knows, and the life of a co-browsing session in it.

mod agents;
mod links;
mod sessions;
mod visitors;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::answer::Refusal;
use crate::webhook::{Delivery, Hook};

pub(crate) use agents::{Agent, Agents};
pub(crate) use links::{Found, Link, Links};
pub(crate) use sessions::{Session, Sessions};
pub(crate) use visitors::{Visitor, Visitors};

/// How much may be added between two resets, so that a runaway client cannot eat the machine's memory.
const MOST_ADDED_BYTES: usize = 256 << 20;
/// What a record costs at least, in the same currency.
const RECORD_BYTES: usize = 512;

/// assumed: a visitor carries the last 50 sessions, the oldest of them first.
const SESSIONS_OF_A_VISITOR: usize = 50;
const SESSIONS_OF_AN_AGENT: usize = 10;

#[derive(Default)]
pub(crate) struct State {
    pub(crate) visitors: Visitors,
    pub(crate) agents: Agents,
    pub(crate) sessions: Sessions,
    pub(crate) links: Links,
    added_bytes: usize,
}

impl State {
    /// Books what a request is about to add.
    pub(crate) fn make_room(&mut self, bytes: usize) -> Result<(), Refusal> {
        let total = self.added_bytes.saturating_add(bytes + RECORD_BYTES);
        if total > MOST_ADDED_BYTES {
            return Err(Refusal::new(503, "sandbox_full"));
        }
        self.added_bytes = total;
        Ok(())
    }

    pub(crate) fn visitor_json(&self, visitor: &Visitor, now_ms: i64) -> Value {
        let mut json = visitor.attributes().clone();
        let of_visitor = self.sessions.of_visitor(visitor.short_id());
        json.insert("sessions".to_owned(), self.latest_sessions(of_visitor, SESSIONS_OF_A_VISITOR, now_ms));
        Value::Object(json)
    }

    pub(crate) fn agent_json(&self, agent: &Agent, now_ms: i64) -> Value {
        let mut json = agent.json();
        json["sessions"] = self.latest_sessions(&agent.sessions, SESSIONS_OF_AN_AGENT, now_ms);
        json
    }

    pub(crate) fn session_json(&self, session: &Session, now_ms: i64) -> Value {
        session.json(&self.agents, now_ms)
    }

    fn latest_sessions(&self, positions: &[usize], most: usize, now_ms: i64) -> Value {
        let latest = &positions[positions.len().saturating_sub(most)..];
        latest.iter().map(|position| self.session_json(self.sessions.at(*position), now_ms)).collect()
    }

    /// Someone opened a watch link: the visitor's session starts, or goes on with one agent more.
    pub(crate) fn open(&mut self, link: &Link, now_ms: i64) -> Result<usize, Refusal> {
        let position = match self.sessions.ongoing_of(&link.visitor_id) {
            Some(position) => position,
            None => {
                self.make_room(link.bytes)?;
                let mut session = Session::starting(&link.visitor_id, now_ms);
                session.metadata = link.metadata.clone();
                session.features_used = link.features.clone();
                // assumed: an offline visitor does not keep the session from starting.
                self.visitors.set(&link.visitor_id, "is_in_session", true);
                self.visitors.set(&link.visitor_id, "is_waiting_for_call", false);
                self.sessions.push(session)
            }
        };
        let session = self.sessions.at_mut(position);
        session.updated_ms = now_ms;
        if !session.agents.contains(&link.agent) {
            session.agents.push(link.agent);
            self.agents.note_session(link.agent, position);
        }
        if let Some(hook) = &link.hook
            && !session.hooks.contains(hook)
        {
            session.hooks.push(hook.clone());
        }
        Ok(position)
    }

    /// Ends the visitor's ongoing session; `None` where there is none.
    pub(crate) fn stop(&mut self, visitor_id: &str, now_ms: i64) -> Option<Vec<Delivery>> {
        let position = self.sessions.end(visitor_id, now_ms)?;
        self.visitors.set(visitor_id, "is_in_session", false);
        let hooks: Vec<Hook> = std::mem::take(&mut self.sessions.at_mut(position).hooks);
        let body: Arc<str> = self.session_json(self.sessions.at(position), now_ms).to_string().into();
        let report = |hook| Delivery { hook, body: body.clone() };
        Some(hooks.into_iter().map(report).collect())
    }

    /// assumed: a visitor in a session counts as online, whatever `is_online` says.
    pub(crate) fn may_be_deleted(&self, visitor: &Visitor) -> bool {
        !visitor.flag("is_online") && self.sessions.ongoing_of(visitor.short_id()).is_none()
    }
}

/// What `watch_url` was given, to be found again in the session.
pub(crate) type Metadata = Map<String, Value>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reports_of_a_session_share_their_body() {
        let mut state = State::default();
        for port in 1..=2 {
            let link = Link {
                visitor_id: "V".to_owned(),
                agent: state.agents.external("1", None),
                metadata: Metadata::new(),
                features: Vec::new(),
                hook: Hook::on_loopback(&format!("http://127.0.0.1:{port}/")),
                bytes: 0,
            };
            state.open(&link, 0).unwrap();
        }
        let reports = state.stop("V", 0).unwrap();
        assert_eq!(reports.len(), 2);
        assert!(Arc::ptr_eq(&reports[0].body, &reports[1].body));
    }
}
