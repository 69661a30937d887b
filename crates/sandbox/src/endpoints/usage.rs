//! `GET /usage`

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::app_state::AppState;
use crate::clock::DAY;
use crate::http::response::{ApiError, Response};
use crate::routes::ApiRequest;
use crate::store::Session;

pub(crate) fn show(app: &mut AppState, _request: &ApiRequest) -> Result<Response, ApiError> {
    let now_ms = app.now_ms();
    let seen_today = app.store.visitors.count_seen_since(now_ms - DAY);
    let store = &app.store;
    // The documentation defines "today" as the last 24 hours.
    let month: Vec<&Session> = store.sessions.started_since(now_ms - 30 * DAY).collect();
    let today: Vec<&Session> = store.sessions.started_since(now_ms - DAY).collect();
    let count_agents = |sessions: &[&Session]| {
        let agents: HashSet<usize> = sessions.iter().flat_map(|session| session.agents.iter().copied()).collect();
        agents.len()
    };
    let total_seconds =
        |sessions: &[&Session]| -> i64 { sessions.iter().map(|session| session.length_seconds(now_ms)).sum() };
    let usage: Value = json!({
        "agents": {"last_30_days": count_agents(&month), "today": count_agents(&today)},
        "session_counts": {
            "last_30_days": month.len(),
            "now": store.sessions.ongoing_count(),
            "today": today.len(),
        },
        "session_seconds": {"last_30_days": total_seconds(&month), "today": total_seconds(&today)},
        "visitors": {"last_24_hrs": seen_today, "online_now": store.visitors.online_count()},
    });
    Ok(Response::json(&json!({"status": "ok", "usage": usage})))
}
