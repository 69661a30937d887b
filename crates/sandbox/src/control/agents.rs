//! `POST /agents`: adds a user or an external agent, or changes its name.

use serde_json::json;

use super::ControlError;
use crate::app_state::AppState;
use crate::http::json_body;
use crate::http::response::Response;
use crate::json::{ObjectReader, memory_size};

pub(super) fn put(app: &mut AppState, body: &[u8]) -> Result<Response, ControlError> {
    let body = json_body::parse(body)?;
    let object = ObjectReader::new(&body)?;
    object.allow_only(&["name", "email", "external_id"])?;
    let name = object.nullable_string("name")?;
    let (email, external_id) = (object.nullable_string("email")?, object.nullable_string("external_id")?);
    if email == Some("") || external_id == Some("") {
        return Err("email and external_id are not empty if they are given".to_owned().into());
    }
    let now_ms = app.now_ms();
    let agents = &app.store.agents;
    let is_known = email.is_some_and(|email| agents.find_by_email(email).is_some())
        || external_id.is_some_and(|external_id| agents.find_by_external_id(external_id).is_some());
    if !is_known || name.is_some() {
        app.store.reserve(memory_size(&body), now_ms)?;
    }
    let agents = &mut app.store.agents;
    let position = match (email, external_id) {
        (Some(email), None) => agents.find_or_add_user(email, name),
        (None, Some(external_id)) => agents.find_or_add_external(external_id, name),
        _ => return Err("give email for a user, or external_id for an external agent".to_owned().into()),
    };
    let agent = app.store.agent_json(app.store.agents.get(position), now_ms);
    Ok(Response::json(&json!({"status": "ok", "agent": agent})))
}
