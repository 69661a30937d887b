//! `GET /session/{token}`: the page. It starts nothing, so that a program that previews links does not start a session.

use serde_json::{Value, json};

use super::valid_link;
use crate::app_state::AppState;
use crate::clock::{UtcOffset, rfc3339};
use crate::http::response::Response;
use crate::pages;
use crate::store::{Visitor, WatchLink};

/// The visitor's attributes that the page shows unless they are hidden as private details. assumed: these are private.
const PRIVATE_DETAILS: [&str; 4] = ["ip_address", "location_city", "location_country_name", "browser_name"];

pub(crate) fn show(app: &AppState, token: &str) -> Response {
    match valid_link(app, token) {
        Ok(link) => pages::watch_page(200, &settings(app, token, &link)),
        Err(error) => {
            // The page can still offer the link's `retry_url`.
            let link = app.store.watch_links.get(token).map(|entry| &entry.link);
            let mut settings = link.map_or_else(|| json!({}), |link| link.page_settings.clone());
            settings["problem"] = if error.status() == 410 { "expired" } else { "unknown" }.into();
            pages::watch_page(error.status(), &settings)
        }
    }
}

fn settings(app: &AppState, token: &str, link: &WatchLink) -> Value {
    let mut settings = link.page_settings.clone();
    let permissions = link.permissions.json();
    let is_hidden = permissions["hide_private_details"] == true;
    settings["visitor"] = visitor(&link.visitor_id, app.store.visitors.get(&link.visitor_id), is_hidden);
    settings["permissions"] = permissions;
    let expires_ms = app.store.watch_links.get(token).map_or(0, |entry| entry.expires_ms);
    settings["expiration"] = rfc3339(expires_ms, UtcOffset::Zero).into();
    settings
}

/// assumed: the agent always sees the visitor's name.
fn visitor(short_id: &str, visitor: Option<&Visitor>, is_hidden: bool) -> Value {
    let text = |name: &str| visitor.and_then(|visitor| visitor.text(name));
    let mut shown = json!({"short_id": short_id, "name": text("name")});
    if !is_hidden {
        for name in PRIVATE_DETAILS {
            shown[name] = text(name).into();
        }
    }
    shown
}
