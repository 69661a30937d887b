//! `GET /_sandbox/overview`: what the live page shows of the state. Its size is limited, so that it can be polled.

use serde_json::{Value, json};

use crate::app_state::AppState;
use crate::clock::{UtcOffset, rfc3339};
use crate::endpoints::visitor_search::SearchQuery;
use crate::http::request_target::{QueryParameters, RequestTarget};
use crate::http::response::Response;
use crate::routes::{self, API_VERSION};
use crate::store::{Session, Store};

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 1_000;
const MAX_FAULTS: usize = 100;

/// `search` selects visitors, with the syntax of the API's visitor list. `visitors` and `sessions` limit the lists.
pub(super) fn show(app: &AppState, target: &RequestTarget) -> Result<Response, String> {
    let query = target.parameters()?;
    let search = SearchQuery::parse(query.get("search").unwrap_or_default());
    let (visitor_limit, session_limit) = (limit(&query, "visitors")?, limit(&query, "sessions")?);
    let store = &app.store;

    let mut found = search.find(&store.visitors);
    let visitors: Value =
        found.by_ref().take(visitor_limit).map(|visitor| Value::Object(visitor.attributes())).collect();
    let now_ms = app.now_ms();
    Ok(Response::json(&json!({
        "status": "ok",
        "base_url": format!("{}/{API_VERSION}", app.origin),
        "now": rfc3339(now_ms, UtcOffset::Zero),
        "advanced_ms": app.clock.advanced_ms(),
        "elapsed_ms": app.clock.elapsed_ms(),
        "visitors": visitors,
        "more_visitors": found.next().is_some(),
        "visitor_count": store.visitors.len(),
        "sessions": sessions(store, session_limit, now_ms),
        "session_count": store.sessions.count(),
        "ongoing_count": store.sessions.ongoing_count(),
        "faults": app.faults.first_json(MAX_FAULTS),
        "fault_count": app.faults.len(),
        "operations": routes::operations().collect::<Vec<_>>(),
        "requests": app.request_log.summary(),
    })))
}

/// Ongoing sessions, then ended ones, each latest first. A session has the name of its visitor in addition to the
/// attributes of the API.
fn sessions(store: &Store, limit: usize, now_ms: i64) -> Value {
    let mut positions: Vec<usize> = store.sessions.ongoing().collect();
    positions.sort_unstable_by(|a, b| b.cmp(a));
    let ongoing = positions.into_iter().map(|position| store.sessions.get(position));
    let ended = store.sessions.slice_by_start(0, store.sessions.count()).rev().filter(|session| !session.is_ongoing());
    let json = |session: &Session| {
        let mut json = json!(store.session_json(session, now_ms));
        let visitor = store.visitors.get(&session.visitor_id);
        json["visitor_name"] = visitor.and_then(|visitor| visitor.attributes().remove("name")).unwrap_or_default();
        json
    };
    ongoing.chain(ended).take(limit).map(json).collect()
}

fn limit(query: &QueryParameters, name: &str) -> Result<usize, String> {
    let Some(text) = query.get(name) else {
        return Ok(DEFAULT_LIMIT);
    };
    let limit = text.parse().ok().filter(|limit| *limit <= MAX_LIMIT);
    limit.ok_or_else(|| format!("{name} is {text:?}, not a number from 0 to {MAX_LIMIT}"))
}
