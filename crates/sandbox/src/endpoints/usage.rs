//! `GET /usage`

use serde_json::json;

use crate::app_state::AppState;
use crate::http::response::{ApiError, Response};
use crate::routes::ApiRequest;

pub(crate) fn show(app: &mut AppState, _request: &ApiRequest) -> Result<Response, ApiError> {
    let now_ms = app.now_ms();
    let usage = app.store.usage(now_ms);
    let (today, month) = (&usage.today, &usage.last_30_days);
    Ok(Response::json(&json!({"status": "ok", "usage": {
        "agents": {"last_30_days": month.agents, "today": today.agents},
        "session_counts": {
            "last_30_days": month.sessions,
            "now": usage.ongoing_sessions,
            "today": today.sessions,
        },
        "session_seconds": {"last_30_days": month.seconds, "today": today.seconds},
        "visitors": {"last_24_hrs": usage.visitors_last_24_hours, "online_now": usage.visitors_online},
    }})))
}
