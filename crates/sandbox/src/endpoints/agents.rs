//! `GET /agents/lookup`

use serde_json::json;

use crate::app_state::AppState;
use crate::http::response::{ApiError, Response};
use crate::routes::ApiRequest;

pub(crate) fn lookup(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    let agents = &app.store.agents;
    let agent = match (request.query.get("email"), request.query.get("external_id")) {
        (Some(email), None) => agents.find_by_email(email),
        (None, Some(external_id)) => agents.find_by_external_id(external_id),
        // A 404 is documented if both are missing, and assumed if both are given.
        _ => None,
    };
    let agent = agent.ok_or_else(ApiError::not_found)?;
    let agent = app.store.agent_json(agent, app.now_ms());
    Ok(Response::json(&json!({"status": "ok", "agent": agent})))
}
