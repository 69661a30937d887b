//! `POST /visitors/{visitor_id}/watch_url`

use serde_json::{Value, json};

use super::random::random_bytes;
use crate::app_state::AppState;
use crate::clock::{UtcOffset, rfc3339};
use crate::http::response::{ApiError, Response};
use crate::json::{ObjectReader, memory_size};
use crate::routes::ApiRequest;
use crate::store::{Metadata, WatchLink};
use crate::webhooks::WebhookUrl;

/// Permissions, the names of their features in `features_used`, and whether they are granted by default.
/// assumed: the names of features are not documented.
const FEATURES: [(&str, &str, bool); 5] = [
    ("allow_draw", "draw", true),
    ("allow_click", "click", true),
    ("allow_scroll", "scroll", true),
    ("allow_type", "type", true),
    ("allow_console", "console", false),
];

/// The parts of the request body that the sandbox uses.
struct WatchRequest<'a> {
    agent_id: &'a str,
    agent_name: Option<&'a str>,
    metadata: Metadata,
    features: Vec<&'static str>,
    webhook: Option<WebhookUrl>,
}

pub(crate) fn create(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    let body = request.json_body()?;
    let watch_request = parse(&body).map_err(ApiError::invalid)?;
    if app.store.visitors.get(request.visitor_id()).is_none() {
        return Err(ApiError::unknown_visitor(request.visitor_id()));
    }
    request.account.check_session_limit()?;
    let bytes = memory_size(&body);
    app.store.reserve(bytes)?;

    let token = uuid()?;
    let link = WatchLink {
        visitor_id: request.visitor_id().to_owned(),
        agent: app.store.agents.find_or_add_external(watch_request.agent_id, watch_request.agent_name),
        metadata: watch_request.metadata,
        features: watch_request.features,
        webhook: watch_request.webhook,
        bytes,
    };
    let now_ms = app.now_ms();
    let expires_ms = app.store.watch_links.add(&token, link, now_ms);
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
    check_branding(&body)?;
    check_viewer(&body)?;
    body.string("initial_notes")?;
    body.string("language")?;
    Ok(WatchRequest {
        agent_id: agent.required_string("id")?,
        agent_name: agent.string("name")?,
        metadata: parse_metadata(&body)?,
        features: parse_features(&body)?,
        webhook: parse_webhook_url(&body)?,
    })
}

fn check_branding(body: &ObjectReader) -> Result<(), String> {
    let Some(branding) = body.object("branding")? else {
        return Ok(());
    };
    match branding.members().get("naked") {
        None | Some(Value::Bool(_)) => {}
        Some(Value::String(text)) if text == "page_only" => {}
        Some(other) => return Err(branding.type_error("naked", other, "true, false or \"page_only\"")),
    }
    branding.nullable_string("on_end_url")?;
    branding.nullable_string("retry_url").map(drop)
}

fn check_viewer(body: &ObjectReader) -> Result<(), String> {
    let Some(viewer) = body.object("viewer")? else {
        return Ok(());
    };
    viewer.string("id")?;
    viewer.string("name").map(drop)
}

fn parse_metadata(body: &ObjectReader) -> Result<Metadata, String> {
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

/// assumed: a session uses every feature that its permissions allow.
fn parse_features(body: &ObjectReader) -> Result<Vec<&'static str>, String> {
    let permissions = body.object("permissions")?;
    if let Some(permissions) = &permissions
        && let Some((name, value)) = permissions.members().iter().find(|(_, value)| !value.is_boolean())
    {
        return Err(permissions.type_error(name, value, "true or false"));
    }
    let is_granted = |permission: &str, default: bool| {
        let granted = permissions.as_ref().and_then(|permissions| permissions.members().get(permission)?.as_bool());
        granted.unwrap_or(default)
    };
    let granted = FEATURES.iter().filter(|(permission, _, default)| is_granted(permission, *default));
    Ok(granted.map(|(_, feature, _)| *feature).collect())
}

fn parse_webhook_url(body: &ObjectReader) -> Result<Option<WebhookUrl>, String> {
    match body.string("webhook_url")? {
        None => Ok(None),
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => Ok(WebhookUrl::parse(url)),
        Some(_) => Err("webhook_url is not an http or https URL".to_owned()),
    }
}

/// A random UUID (version 4). A watch link is as sensitive as a password, so it does not come from the seeded generator.
fn uuid() -> Result<String, ApiError> {
    let mut bytes: [u8; 16] = random_bytes()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}
