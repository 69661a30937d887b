//! `GET /cobrowsing_sessions/list`, `DELETE /visitors/{visitor_id}/session`

use serde_json::json;

use crate::app_state::AppState;
use crate::clock::parse_any_rfc3339;
use crate::http::response::{ApiError, Response, quote};
use crate::json::write_json_list;
use crate::routes::ApiRequest;
use crate::store::{EndedBy, Session};

/// assumed: the page size is not documented.
const PAGE_SIZE: usize = 50;

pub(crate) fn list(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    let store = &app.store;
    let rank = |name: &str| match request.query.get(name) {
        None => Ok(None),
        // assumed: an unknown cursor is a 404.
        Some(id) => store.sessions.rank_of(id).map(Some).ok_or_else(|| {
            ApiError::not_found(format!("{name} is {}, and there is no session with that id", quote(id)))
        }),
    };
    let after = rank("after_id")?;
    let before = rank("before_id")?;
    let ongoing_only = request.query.boolean("ongoing_only").map_err(ApiError::invalid)?;
    let updated_after = match request.query.get("updated_after") {
        None => i64::MIN,
        Some(text) => parse_any_rfc3339(text)
            .ok_or_else(|| ApiError::invalid(format!("updated_after is {}, not an RFC 3339 date", quote(text))))?,
    };

    let from = after.map_or(0, |rank| rank + 1);
    let to = before.unwrap_or(store.sessions.count());
    let range = store.sessions.slice_by_start(from, to);
    let selected = |session: &&Session| (!ongoing_only || session.is_ongoing()) && session.updated_ms > updated_after;
    // assumed: before_id alone selects the page that ends just before it. Its sessions are also sorted oldest first.
    let backwards = before.is_some() && after.is_none();
    let mut page: Vec<&Session> = if backwards {
        range.rev().filter(selected).take(PAGE_SIZE + 1).collect()
    } else {
        range.filter(selected).take(PAGE_SIZE + 1).collect()
    };
    let has_more = page.len() > PAGE_SIZE;
    page.truncate(PAGE_SIZE);
    if backwards {
        page.reverse();
    }
    let now_ms = app.now_ms();
    let mut text = br#"{"cobrowsing_sessions":"#.to_vec();
    write_json_list(&mut text, page.iter().map(|session| store.session_json(session, now_ms)));
    let last_id = json!(page.last().map(|session| session.id()));
    text.extend_from_slice(format!(r#","has_more":{has_more},"last_id":{last_id},"status":"ok"}}"#).as_bytes());
    Ok(Response::json_bytes(text))
}

pub(crate) fn stop(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    if app.store.visitors.get(request.visitor_id()).is_none() {
        return Err(ApiError::unknown_visitor(request.visitor_id()));
    }
    let now_ms = app.now_ms();
    // assumed: stopping the session of a visitor who has none succeeds.
    let stopped = app.store.end_session_of(request.visitor_id(), EndedBy::Api, now_ms);
    Ok(if stopped { Response::ok().applied() } else { Response::ok() })
}
