//! `GET /agents/lookup`

use serde_json::json;

use crate::app_state::AppState;
use crate::http::response::{ApiError, Response, quote};
use crate::routes::ApiRequest;

pub(crate) fn lookup(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    let agents = &app.store.agents;
    let (found, searched) = match (request.query.get("email"), request.query.get("external_id")) {
        (Some(email), None) => (agents.find_by_email(email), format!("the email {}", quote(email))),
        (None, Some(id)) => (agents.find_by_external_id(id), format!("the external_id {}", quote(id))),
        // A 404 is documented if both are missing, and assumed if both are given.
        (None, None) => {
            return Err(ApiError::not_found("the query has neither email nor external_id; send one of them"));
        }
        (Some(_), Some(_)) => {
            return Err(ApiError::not_found("the query has both email and external_id; send one of them"));
        }
    };
    let agent = found.ok_or_else(|| ApiError::not_found(format!("there is no agent with {searched}")))?;
    let agent = app.store.agent_json(agent, app.now_ms());
    Ok(Response::json(&json!({"status": "ok", "agent": agent})))
}
