//! `POST /visitors/{visitor_id}/watch_url`

use serde_json::{Value, json};

use crate::app_state::AppState;
use crate::clock::{UtcOffset, rfc3339};
use crate::http::response::{ApiError, Response};
use crate::json::{ObjectReader, memory_size};
use crate::routes::ApiRequest;
use crate::store::{Metadata, Permissions, WatchLink};
use crate::webhooks::WebhookUrl;

/// The parts of the request body that the sandbox uses.
struct WatchRequest<'a> {
    agent_id: &'a str,
    agent_name: Option<&'a str>,
    page_settings: Value,
    permissions: Permissions,
    metadata: Metadata,
    webhook: Option<WebhookUrl>,
}

pub(crate) fn create(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    let body = request.json_body()?;
    let watch_request = parse(&body).map_err(ApiError::invalid)?;
    if app.store.visitors.get(request.visitor_id()).is_none() {
        return Err(ApiError::unknown_visitor(request.visitor_id()));
    }
    request.account.check_session_limit()?;
    let token = app.randomness.uuid()?;
    let link = WatchLink {
        visitor_id: request.visitor_id().to_owned(),
        agent: app.store.agents.find_or_add_external(watch_request.agent_id, watch_request.agent_name),
        page_settings: watch_request.page_settings,
        permissions: watch_request.permissions,
        metadata: watch_request.metadata,
        webhook: watch_request.webhook,
        bytes: memory_size(&body),
    };
    let now_ms = app.now_ms();
    let expires_ms = app.store.add_watch_link(&token, link, now_ms)?;
    let response = json!({
        "status": "ok",
        "watch_url": format!("{}/session/{token}", app.origin),
        "expiration": rfc3339(expires_ms, UtcOffset::Zero),
    });
    Ok(Response::json(&response).applied())
}

fn parse(body: &Value) -> Result<WatchRequest<'_>, String> {
    let body = ObjectReader::new(body)?;
    let agent = body.required_object("agent")?;
    let (agent_id, agent_name) = (agent.required_string("id")?, agent.string("name")?);
    Ok(WatchRequest {
        agent_id,
        agent_name,
        page_settings: json!({
            "agent": {"id": agent_id, "name": agent_name},
            "branding": parse_branding(&body)?,
            "initial_notes": body.string("initial_notes")?,
            "language": body.string("language")?,
            "viewer": parse_viewer(&body)?,
        }),
        permissions: Permissions::parse(&body)?,
        metadata: parse_metadata(&body)?,
        webhook: parse_webhook_url(&body)?,
    })
}

/// With the documented defaults.
fn parse_branding(body: &ObjectReader) -> Result<Value, String> {
    let Some(branding) = body.object("branding")? else {
        return Ok(json!({"naked": false, "on_end_url": null, "retry_url": null}));
    };
    let naked = match branding.members().get("naked") {
        None => Value::Bool(false),
        Some(naked @ Value::Bool(_)) => naked.clone(),
        Some(Value::String(text)) if text == "page_only" => text.as_str().into(),
        Some(other) => return Err(branding.type_error("naked", other, "true, false or \"page_only\"")),
    };
    Ok(json!({
        "naked": naked,
        "on_end_url": parse_address(&branding, "on_end_url")?,
        "retry_url": parse_address(&branding, "retry_url")?,
    }))
}

/// A string that is not empty, or null, which is the documented default. assumed: any other string is accepted.
fn parse_address<'a>(branding: &ObjectReader<'a>, name: &str) -> Result<Option<&'a str>, String> {
    match branding.nullable_string(name)? {
        Some("") => Err(format!("branding.{name} is empty")),
        address => Ok(address),
    }
}

fn parse_viewer(body: &ObjectReader) -> Result<Value, String> {
    Ok(match body.object("viewer")? {
        None => Value::Null,
        Some(viewer) => json!({"id": viewer.string("id")?, "name": viewer.string("name")?}),
    })
}

pub(crate) fn parse_metadata(body: &ObjectReader) -> Result<Metadata, String> {
    let Some(metadata) = body.object("metadata")? else {
        return Ok(Metadata::new());
    };
    let invalid =
        metadata.members().iter().find(|(_, value)| !(value.is_string() || value.is_number() || value.is_boolean()));
    match invalid {
        Some((name, value)) => Err(metadata.type_error(name, value, "a string, a number or a boolean")),
        None => Ok(metadata.members().clone()),
    }
}

pub(crate) fn parse_webhook_url(body: &ObjectReader) -> Result<Option<WebhookUrl>, String> {
    match body.string("webhook_url")? {
        None => Ok(None),
        Some(url) => {
            WebhookUrl::parse(url).map(Some).ok_or_else(|| "webhook_url is not an http or https URL".to_owned())
        }
    }
}
