//! `GET /list`, `GET` and `DELETE /visitors/{visitor_id}`, `DELETE /visitors`

use super::visitor_search::SearchQuery;
use crate::app_state::AppState;
use crate::http::response::{ApiError, Response, quote};
use crate::routes::ApiRequest;
use crate::store::{Store, Visitor};

const MAX_RESULTS: usize = 10;
/// Room for most lists.
const LIST_BYTES: usize = 32 << 10;

pub(crate) fn list(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    let query = SearchQuery::parse(request.query.get("search").unwrap_or_default());
    let limit = match request.query.get("max_results") {
        None => MAX_RESULTS,
        Some(text) => {
            text.parse().ok().filter(|limit| !text.starts_with('+') && (1..=MAX_RESULTS).contains(limit)).ok_or_else(
                || ApiError::invalid(format!("max_results is {}, not a number from 1 to 10", quote(text))),
            )?
        }
    };
    let now_ms = app.now_ms();
    let store = &app.store;
    let mut text = Vec::with_capacity(LIST_BYTES);
    text.extend_from_slice(br#"{"status":"ok","visitors":["#);
    for (index, visitor) in query.find(&store.visitors).take(limit).enumerate() {
        if index > 0 {
            text.push(b',');
        }
        store.write_visitor(visitor, now_ms, &mut text);
    }
    text.extend_from_slice(b"]}");
    Ok(Response::json_bytes(text))
}

pub(crate) fn show(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    let store = &app.store;
    let visitor =
        store.visitors.get(request.visitor_id()).ok_or_else(|| ApiError::unknown_visitor(request.visitor_id()))?;
    Ok(visitor_response(store, visitor, app.now_ms()))
}

pub(crate) fn visitor_response(store: &Store, visitor: &Visitor, now_ms: i64) -> Response {
    let mut text = br#"{"status":"ok","visitor":"#.to_vec();
    store.write_visitor(visitor, now_ms, &mut text);
    text.push(b'}');
    Response::json_bytes(text)
}

pub(crate) fn delete(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    let store = &mut app.store;
    let visitor =
        store.visitors.get(request.visitor_id()).ok_or_else(|| ApiError::unknown_visitor(request.visitor_id()))?;
    if !store.is_deletable(visitor) {
        // assumed: the body of a 409 is not documented.
        let message = "the visitor is online or in a session; only offline visitors can be deleted";
        return Err(ApiError::with_message(409, "visitor_online", message));
    }
    store.remove_visitor(request.visitor_id());
    Ok(Response::ok().applied())
}

pub(crate) fn delete_all(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    if request.query.get("all") != Some("true") {
        // assumed: the documentation says only that `all` confirms the deletion.
        return Err(ApiError::invalid("DELETE /visitors needs the query parameter all=true"));
    }
    let now_ms = app.now_ms();
    let is_applied = app.deletions.delete_all(&mut app.store, now_ms);
    let response = Response::ok();
    Ok(if is_applied { response.applied() } else { response })
}
