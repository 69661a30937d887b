//! `GET /usage`

use serde::Serialize;

use crate::app_state::AppState;
use crate::http::response::{ApiError, Response};
use crate::routes::ApiRequest;
use crate::store::Period;

/// The fields of all structs are sorted like the members of a JSON object in memory.
#[derive(Serialize)]
struct UsageResponse {
    status: &'static str,
    usage: Usage,
}

#[derive(Serialize)]
struct Usage {
    agents: Counts<usize>,
    session_counts: SessionCounts,
    session_seconds: Counts<i64>,
    visitors: VisitorCounts,
}

/// The documentation defines "today" as the last 24 hours.
#[derive(Serialize)]
struct Counts<T> {
    last_30_days: T,
    today: T,
}

#[derive(Serialize)]
struct SessionCounts {
    last_30_days: usize,
    now: usize,
    today: usize,
}

#[derive(Serialize)]
struct VisitorCounts {
    last_24_hrs: usize,
    online_now: usize,
}

/// Walks neither all visitors nor all sessions.
pub(crate) fn show(app: &mut AppState, _request: &ApiRequest) -> Result<Response, ApiError> {
    let now_ms = app.now_ms();
    let store = &mut app.store;
    let session_seconds = Counts {
        last_30_days: store.sessions.seconds_in(Period::Month, now_ms),
        today: store.sessions.seconds_in(Period::Day, now_ms),
    };
    let visitors = VisitorCounts {
        last_24_hrs: store.visitors.count_seen_since(Period::Day.start_ms(now_ms)),
        online_now: store.visitors.online_count(),
    };
    let count_agents = |period: Period| {
        let start_ms = period.start_ms(now_ms);
        store.agents.count_by_latest_session(|position| store.sessions.get(position).started_ms >= start_ms)
    };
    let usage = Usage {
        agents: Counts { last_30_days: count_agents(Period::Month), today: count_agents(Period::Day) },
        session_counts: SessionCounts {
            last_30_days: store.sessions.count_in(Period::Month, now_ms),
            now: store.sessions.ongoing_count(),
            today: store.sessions.count_in(Period::Day, now_ms),
        },
        session_seconds,
        visitors,
    };
    Ok(Response::json(&UsageResponse { status: "ok", usage }))
}
