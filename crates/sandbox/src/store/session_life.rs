//! The life of a session: it is requested, accepted or declined, and ended. No other code changes a session's state.

use std::sync::Arc;

use super::sessions::Snapshot;
use super::{EndedBy, Metadata, MetadataText, Session, State, Store, WatchLink};
use crate::http::response::ApiError;
use crate::webhooks::{Delivery, WebhookUrl};

/// What starts a session.
pub(crate) struct NewSession {
    pub(crate) visitor_id: String,
    pub(crate) agent: Option<usize>,
    pub(crate) metadata: Metadata,
    pub(crate) features: Vec<&'static str>,
    pub(crate) webhook: Option<WebhookUrl>,
    pub(crate) started_ms: i64,
    /// Whether the visitor has to accept the session.
    pub(crate) is_pending: bool,
    /// The memory that the session adds to the store.
    pub(crate) bytes: usize,
}

impl Store {
    /// The session that a watch link starts.
    pub(crate) fn session_of_link(&self, link: WatchLink, now_ms: i64) -> NewSession {
        let is_pending = self.visitors.get(&link.visitor_id).is_some_and(|visitor| visitor.requires_acceptance());
        NewSession {
            visitor_id: link.visitor_id,
            agent: Some(link.agent),
            metadata: link.metadata,
            features: link.permissions.features(),
            webhook: link.webhook,
            started_ms: now_ms,
            is_pending,
            bytes: link.bytes,
        }
    }

    /// Starts or joins the session of a watch link. Returns its position.
    pub(crate) fn open_link(&mut self, token: &str, new: NewSession, now_ms: i64) -> Result<usize, ApiError> {
        let position = self.start_or_join_session(new, now_ms)?;
        let session = self.sessions.get_mut(position);
        if !session.links.iter().any(|known| known == token) {
            session.links.push(token.to_owned());
        }
        self.watch_links.session_started(token, position);
        Ok(position)
    }

    /// Starts a session, or adds the agent and the webhook to the visitor's ongoing one. Returns its position.
    pub(crate) fn start_or_join_session(&mut self, new: NewSession, now_ms: i64) -> Result<usize, ApiError> {
        let position = match self.sessions.ongoing_of(&new.visitor_id) {
            Some(position) => position,
            None => {
                self.reserve(new.bytes, now_ms)?;
                let state = if new.is_pending { State::Pending } else { State::Active };
                let mut session = Session::new(&new.visitor_id, now_ms, state);
                session.started_ms = new.started_ms;
                session.metadata = MetadataText::new(&new.metadata);
                session.features_used = new.features;
                // assumed: a session also starts if the visitor is offline.
                let flags = [("is_in_session", !new.is_pending), ("is_waiting_for_call", false)];
                self.visitors.set_flags(&new.visitor_id, &flags);
                self.sessions.push(session)
            }
        };
        let session = self.sessions.get_mut(position);
        session.updated_ms = now_ms;
        if let Some(webhook) = new.webhook
            && !session.webhooks.contains(&webhook)
        {
            session.webhooks.push(webhook);
        }
        if let Some(agent) = new.agent
            && !session.agents.contains(&agent)
        {
            session.agents.push(agent);
            self.sessions.insert_into(self.agents.sessions_mut(agent), position);
        }
        Ok(position)
    }

    /// The visitor accepts a pending session.
    pub(crate) fn accept_session(&mut self, position: usize, now_ms: i64) -> Result<(), ApiError> {
        self.require_pending(position)?;
        self.sessions.enter(position, State::Active, now_ms);
        self.visitors.set_flag(&self.sessions.get(position).visitor_id, "is_in_session", true);
        Ok(())
    }

    /// The visitor declines a pending session, which ends it.
    pub(crate) fn decline_session(&mut self, position: usize, now_ms: i64) -> Result<(), ApiError> {
        self.require_pending(position)?;
        self.end(position, EndedBy::Declined, now_ms);
        Ok(())
    }

    /// `call_ms` is the length of the call, if there was one.
    pub(crate) fn end_session(
        &mut self,
        position: usize,
        by: EndedBy,
        call_ms: Option<i64>,
        now_ms: i64,
    ) -> Result<(), ApiError> {
        self.require(position, "ongoing", |state| !state.is_ended())?;
        if let Some(call_ms) = call_ms {
            self.sessions.get_mut(position).call_ms = call_ms;
        }
        self.end(position, by, now_ms);
        Ok(())
    }

    /// Ends the visitor's ongoing session. Returns false if the visitor has none.
    pub(crate) fn end_session_of(&mut self, visitor_id: &str, by: EndedBy, now_ms: i64) -> bool {
        let ongoing = self.sessions.ongoing_of(visitor_id);
        if let Some(position) = ongoing {
            self.end(position, by, now_ms);
        }
        ongoing.is_some()
    }

    /// The agent's page was closed. assumed: the session goes on while another agent watches it.
    pub(crate) fn leave_session(&mut self, token: &str, position: usize, now_ms: i64) {
        let session = self.sessions.get_mut(position);
        if !session.is_ongoing() {
            return;
        }
        session.links.retain(|known| known != token);
        let is_watched = !session.links.is_empty();
        self.watch_links.session_ended(token);
        if !is_watched {
            self.end(position, EndedBy::Closing, now_ms);
        }
    }

    /// Ends the sessions that have timed out. Returns whether there were any.
    pub(crate) fn end_overdue_sessions(&mut self, now_ms: i64) -> bool {
        let mut any = false;
        while let Some((due_ms, position)) = self.sessions.next_due().filter(|(due_ms, _)| *due_ms <= now_ms) {
            self.end(position, EndedBy::Timeout, due_ms);
            any = true;
        }
        any
    }

    /// When the next session times out.
    pub(crate) fn next_timeout_ms(&self) -> Option<i64> {
        self.sessions.next_due().map(|(due_ms, _)| due_ms)
    }

    /// Replaces the picture of the visitor's page. Only the newest is kept.
    pub(crate) fn set_snapshot(&mut self, position: usize, page: String, now_ms: i64) -> Result<(), ApiError> {
        self.require(position, "active", |state| state == State::Active)?;
        self.reserve(page.len(), now_ms)?;
        let number = self.sessions.next_event();
        let earlier = self.sessions.get_mut(position).snapshot.replace(Snapshot { number, page });
        self.release_snapshot(earlier);
        Ok(())
    }

    fn release_snapshot(&mut self, snapshot: Option<Snapshot>) {
        if let Some(snapshot) = snapshot {
            self.release(snapshot.page.len());
        }
    }

    fn require_pending(&self, position: usize) -> Result<(), ApiError> {
        self.require(position, "pending", |state| state == State::Pending)
    }

    fn require(&self, position: usize, wanted: &str, is_wanted: impl Fn(State) -> bool) -> Result<(), ApiError> {
        let session = self.sessions.get(position);
        if is_wanted(session.state()) {
            return Ok(());
        }
        let found = match session.state() {
            State::Pending => "pending: the visitor has not accepted it yet".to_owned(),
            State::Active => "active".to_owned(),
            State::Ended { by, .. } => format!("ended (by {})", by.name()),
        };
        let message = format!("the session {} is not {wanted}, it is {found}", session.id());
        Err(ApiError::with_message(409, "conflict", message))
    }

    /// The only place that ends a session. Each of its webhooks gets one request.
    fn end(&mut self, position: usize, by: EndedBy, at_ms: i64) {
        self.sessions.enter(position, State::Ended { at_ms, by }, at_ms);
        let session = self.sessions.get_mut(position);
        let webhooks = std::mem::take(&mut session.webhooks);
        let snapshot = session.snapshot.take();
        for token in std::mem::take(&mut session.links) {
            self.watch_links.session_ended(&token);
        }
        self.visitors.set_flag(&session.visitor_id, "is_in_session", false);
        self.release_snapshot(snapshot);
        let session = self.sessions.get(position);
        let body: Arc<str> = serde_json::to_string(&self.session_json(session, at_ms)).unwrap_or_default().into();
        let delivery = |url| Delivery { session_id: session.id(), url, body: body.clone(), attempt: 1 };
        self.deliveries.extend(webhooks.into_iter().map(delivery));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_session(store: &mut Store, port: u16) -> NewSession {
        NewSession {
            visitor_id: "V".to_owned(),
            agent: Some(store.agents.find_or_add_external("1", None)),
            metadata: Metadata::new(),
            features: Vec::new(),
            webhook: WebhookUrl::parse(&format!("http://127.0.0.1:{port}/")),
            started_ms: 0,
            is_pending: true,
            bytes: 0,
        }
    }

    #[test]
    fn deliveries_of_a_session_share_their_body() {
        let mut store = Store::default();
        for port in 1..=2 {
            let new = new_session(&mut store, port);
            store.start_or_join_session(new, 0).unwrap();
        }
        assert!(store.end_session_of("V", EndedBy::Api, 0));
        let deliveries = store.take_deliveries();
        assert_eq!(deliveries.len(), 2);
        assert!(Arc::ptr_eq(&deliveries[0].body, &deliveries[1].body));
    }

    #[test]
    fn a_session_changes_only_from_the_right_state() {
        let mut store = Store::default();
        let new = new_session(&mut store, 1);
        let position = store.start_or_join_session(new, 0).unwrap();
        assert!(store.set_snapshot(position, "{}".to_owned(), 1).is_err());
        store.accept_session(position, 1).unwrap();
        assert!(store.accept_session(position, 2).is_err() && store.decline_session(position, 2).is_err());
        store.set_snapshot(position, "{}".to_owned(), 2).unwrap();
        store.end_session(position, EndedBy::Visitor, None, 3).unwrap();
        assert!(store.end_session(position, EndedBy::Agent, None, 4).is_err());
        assert!(store.set_snapshot(position, "{}".to_owned(), 4).is_err());
        assert_eq!(store.sessions.get(position).ended_ms(), Some(3));
        assert_eq!(store.take_deliveries().len(), 1);
    }

    #[test]
    fn a_snapshot_gives_its_room_back() {
        let mut store = Store::default();
        let new = new_session(&mut store, 1);
        let position = store.start_or_join_session(new, 0).unwrap();
        store.accept_session(position, 0).unwrap();
        let before = store.added_bytes;
        for _ in 0..3 {
            store.set_snapshot(position, "x".repeat(1000), 0).unwrap();
        }
        assert!(store.added_bytes < before + 2000);
        store.end_session(position, EndedBy::Agent, None, 0).unwrap();
        assert_eq!(store.added_bytes, before);
    }
}
