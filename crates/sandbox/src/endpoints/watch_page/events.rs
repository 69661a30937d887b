//! `GET /session/{token}/events`: what happened in the session, for the page of the agent.

use serde_json::json;

use super::session_of;
use crate::app_state::AppState;
use crate::http::long_poll;
use crate::http::request_target::QueryParameters;
use crate::http::response::{ApiError, Response};
use crate::store::State;

pub(crate) fn list(app: &AppState, token: &str, query: &QueryParameters) -> Result<Response, ApiError> {
    let since = query.integer("since").map_err(ApiError::invalid)?.unwrap_or(0);
    let wait = query.integer("wait_ms").and_then(long_poll::wait).map_err(ApiError::invalid)?;
    let sessions = &app.store.sessions;
    let mut events: Vec<(u64, String)> = Vec::new();
    if let Some(position) = session_of(app, token)? {
        let session = sessions.get(position);
        for (number, state) in session.history().iter().filter(|(number, _)| *number > since) {
            let mut event = json!({"number": number, "type": "state", "state": state.name()});
            if let State::Ended { by, .. } = state {
                event["ended_by"] = by.name().into();
            }
            events.push((*number, event.to_string()));
        }
        if let Some(snapshot) = session.snapshot.as_ref().filter(|snapshot| snapshot.number > since) {
            let (number, page) = (snapshot.number, &snapshot.page);
            events.push((number, format!(r#"{{"number":{number},"type":"snapshot","page":{page}}}"#)));
        }
    }
    events.sort_by_key(|(number, _)| *number);
    let texts: Vec<&str> = events.iter().map(|(_, text)| text.as_str()).collect();
    let next = sessions.last_event();
    let response = Response::json_text(format!(r#"{{"status":"ok","events":[{}],"next":{next}}}"#, texts.join(",")));
    Ok(if events.is_empty() { response.waiting(wait) } else { response })
}
