//! `GET /session/{token}`: the page that a watch link opens. It needs no API key, because the link itself grants access.

use crate::app_state::AppState;
use crate::http::response::Response;
use crate::store::LinkStatus;

pub(crate) fn open(app: &mut AppState, method: &str, token: &str) -> Response {
    if method != "GET" {
        return Response::method_not_allowed("GET");
    }
    let now_ms = app.now_ms();
    let store = &mut app.store;
    let link = match store.watch_links.look_up(token, now_ms) {
        LinkStatus::Valid(link) if store.visitors.get(&link.visitor_id).is_some() => link,
        LinkStatus::Valid(_) | LinkStatus::Unknown => return Response::page(404, "There is no such session."),
        LinkStatus::Expired => return Response::page(410, "This link has expired."),
    };
    match store.start_or_join_session(&link, now_ms) {
        Ok(position) => {
            let id = store.sessions.get(position).id();
            Response::page(200, &format!("Session {id} is in progress.")).applied()
        }
        Err(error) => error.into(),
    }
}
