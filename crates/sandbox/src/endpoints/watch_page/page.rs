//! `GET /session/{token}`: the page. It starts nothing, so that a program that previews links does not start a session.

use serde_json::{Value, json};

use super::valid_link;
use crate::app_state::AppState;
use crate::clock::{UtcOffset, rfc3339};
use crate::http::response::Response;
use crate::store::WatchLink;

const PAGE: &str = include_str!("../../../pages/watch.html");
const SETTINGS_MARKER: &str = "<!--SETTINGS-->";

pub(crate) fn show(app: &AppState, token: &str) -> Response {
    let link = match valid_link(app, token) {
        Ok(link) => link,
        Err(error) if error.status() == 410 => return Response::page(410, "This link has expired."),
        Err(error) => return Response::page(error.status(), "There is no such session."),
    };
    let expires_ms = app.store.watch_links.get(token).map_or(0, |entry| entry.expires_ms);
    let settings = settings(app, &link, expires_ms).to_string();
    // JSON allows this escape wherever the character can occur, and HTML then sees no tag.
    let settings = settings.replace('<', "\\u003c");
    let settings = format!(r#"<script type="application/json" id="settings">{settings}</script>"#);
    Response::html(200, PAGE.replacen(SETTINGS_MARKER, &settings, 1))
}

fn settings(app: &AppState, link: &WatchLink, expires_ms: i64) -> Value {
    let visitor = app.store.visitors.get(&link.visitor_id);
    let mut settings = link.page_settings.clone();
    settings["visitor"] =
        json!({"short_id": link.visitor_id, "name": visitor.and_then(|visitor| visitor.text("name"))});
    settings["permissions"] = link.permissions.json();
    settings["expiration"] = rfc3339(expires_ms, UtcOffset::Zero).into();
    settings
}
