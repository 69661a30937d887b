//! `POST /sessions`, and `accept`, `decline` and `end` of a session.

use serde_json::{Value, json};

use super::ControlError;
use crate::app_state::AppState;
use crate::clock::{SECOND, parse_rfc3339};
use crate::endpoints::{watch_page, watch_url};
use crate::http::json_body;
use crate::http::response::{ApiError, Response};
use crate::json::{ObjectReader, memory_size};
use crate::store::{EndedBy, Metadata, NewSession, Permissions};
use crate::webhooks::WebhookUrl;

const MAX_CALL_SECONDS: u64 = 1_000 * 365 * 86_400;

/// Starts a session of a visitor, or opens a watch link as its page does.
pub(super) fn start(app: &mut AppState, body: &[u8]) -> Result<Response, ControlError> {
    let body = json_body::parse(body)?;
    let object = ObjectReader::new(&body)?;
    object.allow_only(&["visitor_id", "watch_url", "agent", "metadata", "webhook_url", "started_at", "pending"])?;
    let now_ms = app.now_ms();
    let changes = Changes::parse(&object, now_ms)?;
    let position = match (object.string("visitor_id")?, object.string("watch_url")?) {
        (Some(visitor_id), None) => {
            let mut new = session_of_visitor(app, visitor_id, now_ms)?;
            new.bytes = memory_size(&body);
            changes.apply(app, &mut new);
            app.store.start_or_join_session(new, now_ms)?
        }
        (None, Some(watch_url)) => {
            let token = watch_url.rsplit('/').next().unwrap_or_default();
            let link = watch_page::valid_link(app, token)?;
            let mut new = app.store.session_of_link(link, now_ms);
            new.bytes += memory_size(&body);
            changes.apply(app, &mut new);
            app.store.open_link(token, new, now_ms)?
        }
        (Some(_), Some(_)) => return Err("give visitor_id or watch_url, not both".to_owned().into()),
        (None, None) => return Err("visitor_id is missing; give it, or a watch_url".to_owned().into()),
    };
    Ok(session_response(app, position))
}

fn session_of_visitor(app: &AppState, visitor_id: &str, now_ms: i64) -> Result<NewSession, ApiError> {
    let Some(visitor) = app.store.visitors.get(visitor_id) else {
        let message =
            format!("there is no visitor with the short_id {visitor_id:?}; use POST /_sandbox/visitors first");
        return Err(ApiError::with_message(404, "not_found", message));
    };
    if let Some(position) = app.store.sessions.ongoing_of(visitor_id) {
        let id = app.store.sessions.get(position).id();
        let message = format!("the visitor {visitor_id:?} is in the session {id}; end it first");
        return Err(ApiError::with_message(409, "conflict", message));
    }
    Ok(NewSession {
        visitor_id: visitor_id.to_owned(),
        agent: None,
        metadata: Metadata::new(),
        features: Permissions::default().features(),
        webhook: None,
        started_ms: now_ms,
        is_pending: visitor.requires_acceptance(),
        bytes: 0,
    })
}

/// What the body says about the session. For a session of a watch link, it replaces what the link says.
struct Changes<'a> {
    /// Id and name.
    agent: Option<(&'a str, Option<&'a str>)>,
    metadata: Option<Metadata>,
    webhook: Option<WebhookUrl>,
    started_ms: Option<i64>,
    is_pending: Option<bool>,
}

impl<'a> Changes<'a> {
    fn parse(object: &ObjectReader<'a>, now_ms: i64) -> Result<Self, String> {
        let has_metadata = object.members().contains_key("metadata");
        Ok(Self {
            agent: parse_agent(object)?,
            metadata: Some(watch_url::parse_metadata(object)?).filter(|_| has_metadata),
            webhook: watch_url::parse_webhook_url(object)?,
            started_ms: parse_started_at(object, now_ms)?,
            is_pending: object.boolean("pending")?,
        })
    }

    fn apply(self, app: &mut AppState, new: &mut NewSession) {
        if let Some((id, name)) = self.agent {
            new.agent = Some(find_or_add_agent(app, id, name));
        }
        if let Some(metadata) = self.metadata {
            new.metadata = metadata;
        }
        if self.webhook.is_some() {
            new.webhook = self.webhook;
        }
        new.started_ms = self.started_ms.unwrap_or(new.started_ms);
        new.is_pending = self.is_pending.unwrap_or(new.is_pending);
    }
}

fn parse_agent<'a>(object: &ObjectReader<'a>) -> Result<Option<(&'a str, Option<&'a str>)>, String> {
    let Some(agent) = object.object("agent")? else {
        return Ok(None);
    };
    agent.allow_only(&["id", "name"])?;
    Ok(Some((agent.required_string("id")?, agent.nullable_string("name")?)))
}

/// The agent with this id of the API (`u_2001`), or else the external agent with this id.
fn find_or_add_agent(app: &mut AppState, id: &str, name: Option<&str>) -> usize {
    let known = app.store.agents.position_of(id);
    known.unwrap_or_else(|| app.store.agents.find_or_add_external(id, name))
}

fn parse_started_at(object: &ObjectReader, now_ms: i64) -> Result<Option<i64>, String> {
    let Some(text) = object.string("started_at")? else {
        return Ok(None);
    };
    let started_ms = parse_rfc3339(text).ok_or_else(|| format!("started_at is {text:?}, not an RFC 3339 date"))?;
    if started_ms > now_ms {
        return Err(format!("started_at is {text:?}, after the time of the sandbox's clock"));
    }
    Ok(Some(started_ms))
}

pub(super) fn accept(app: &mut AppState, id: &str, body: &[u8]) -> Result<Response, ControlError> {
    ObjectReader::new(&optional_body(body)?)?.allow_only(&[])?;
    let position = find(app, id)?;
    let now_ms = app.now_ms();
    app.store.accept_session(position, now_ms)?;
    Ok(session_response(app, position))
}

pub(super) fn decline(app: &mut AppState, id: &str, body: &[u8]) -> Result<Response, ControlError> {
    ObjectReader::new(&optional_body(body)?)?.allow_only(&[])?;
    let position = find(app, id)?;
    let now_ms = app.now_ms();
    app.store.decline_session(position, now_ms)?;
    Ok(session_response(app, position))
}

pub(super) fn end(app: &mut AppState, id: &str, body: &[u8]) -> Result<Response, ControlError> {
    let body = optional_body(body)?;
    let object = ObjectReader::new(&body)?;
    object.allow_only(&["by", "call_seconds"])?;
    let by = match object.string("by")? {
        None | Some("agent") => EndedBy::Agent,
        Some("visitor") => EndedBy::Visitor,
        Some("timeout") => EndedBy::Timeout,
        Some("closing") => EndedBy::Closing,
        Some(other) => return Err(format!("by is {other:?}, not agent, visitor, timeout or closing").into()),
    };
    let call_seconds = object.integer("call_seconds")?;
    if let Some(seconds) = call_seconds.filter(|seconds| *seconds > MAX_CALL_SECONDS) {
        return Err(format!("call_seconds is {seconds}, more than 1000 years").into());
    }
    let position = find(app, id)?;
    let now_ms = app.now_ms();
    app.store.end_session(position, by, call_seconds.map(|seconds| seconds as i64 * SECOND), now_ms)?;
    Ok(session_response(app, position))
}

/// No body means an empty object.
fn optional_body(body: &[u8]) -> Result<Value, String> {
    if body.is_empty() { Ok(json!({})) } else { json_body::parse(body) }
}

fn find(app: &AppState, id: &str) -> Result<usize, ApiError> {
    let position = app.store.sessions.position_of(id);
    position.ok_or_else(|| ApiError::with_message(404, "not_found", format!("there is no session with the id {id:?}")))
}

fn session_response(app: &AppState, position: usize) -> Response {
    let session = app.store.session_json(app.store.sessions.get(position), app.now_ms());
    Response::json(&json!({"status": "ok", "session": session}))
}
