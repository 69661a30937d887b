//! `POST /visitors` and `DELETE /visitors/{id}`.

use serde_json::Value;

use super::ControlError;
use crate::app_state::AppState;
use crate::clock::parse_rfc3339;
use crate::endpoints::visitors::visitor_response;
use crate::http::json_body;
use crate::http::response::{ApiError, Response};
use crate::json::ObjectReader;
use crate::store::EndedBy;

/// The attributes that the service documents, by type. Each may be null.
const STRINGS: [&str; 17] = [
    "unique_id",
    "lookup_code",
    "email",
    "name",
    "nickname",
    "api_key",
    "browser_name",
    "device_name",
    "call_name",
    "integration",
    "last_url",
    "device_type",
    "ip_address",
    "location_city",
    "location_country",
    "location_country_name",
    "watch_link",
];
const LISTS_OF_STRINGS: [&str; 2] = ["identities", "tags"];
const DATES: [&str; 2] = ["added_at", "last_seen_at"];
const BOOLEANS: [&str; 5] = ["is_online", "is_in_session", "is_supported", "is_waiting_for_call", "js_configuration"];

pub(super) fn put(app: &mut AppState, body: &[u8]) -> Result<Response, ControlError> {
    let body = json_body::parse(body)?;
    let object = ObjectReader::new(&body)?;
    let short_id = object.required_string("short_id")?;
    // Responses take the sessions of a visitor from the list of sessions.
    if object.members().contains_key("sessions") {
        return Err("sessions cannot be set; use POST /_sandbox/sessions to add one".to_owned().into());
    }
    check_types(&object)?;
    let requires_acceptance = object.boolean("requires_acceptance")?;
    let mut attributes = object.members().clone();
    attributes.remove("requires_acceptance");
    let now_ms = app.now_ms();
    app.store.put_visitor(short_id, attributes, requires_acceptance, now_ms)?;
    let visitor = app.store.visitors.get(short_id).ok_or_else(|| ApiError::unknown_visitor(short_id))?;
    Ok(visitor_response(&app.store, visitor, now_ms))
}

/// Attributes that are not documented can have any type, because the service may add some.
pub(crate) fn check_types(object: &ObjectReader) -> Result<(), String> {
    for name in STRINGS {
        object.nullable_string(name)?;
    }
    for name in LISTS_OF_STRINGS {
        object.strings(name)?;
    }
    for name in DATES {
        if let Some(text) = object.nullable_string(name)?
            && parse_rfc3339(text).is_none()
        {
            return Err(format!("{} is {text:?}, not an RFC 3339 date", object.full_name(name)));
        }
    }
    for name in BOOLEANS {
        if object.members().get(name) != Some(&Value::Null) {
            object.boolean(name)?;
        }
    }
    Ok(())
}

/// In every state, unlike the API. The visitor's session ends.
pub(super) fn delete(app: &mut AppState, short_id: &str) -> Result<Response, ControlError> {
    let now_ms = app.now_ms();
    if app.store.visitors.get(short_id).is_none() {
        let message = format!("there is no visitor with the short_id {short_id:?}");
        return Err(ApiError::with_message(404, "not_found", message).into());
    }
    app.store.end_session_of(short_id, EndedBy::Api, now_ms);
    app.store.remove_visitor(short_id);
    Ok(Response::ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use crate::http::response::Response;

    fn app() -> AppState {
        AppState::new(&Options { visitors: 0, sessions: 0, ..Options::default() }, String::new())
    }

    #[test]
    fn counts_the_memory_of_the_parsed_visitor() {
        let mut app = app();
        app.store.reserve(255 << 20, 0).unwrap();
        let visitor = format!(r#"{{"short_id": "V", "list": [{}0]}}"#, "0,".repeat(100_000));
        let response: Response = put(&mut app, visitor.as_bytes()).unwrap_or_else(Response::from);
        assert_eq!(response.status, 503);
    }

    #[test]
    fn a_deleted_or_changed_visitor_gives_its_room_back() {
        let mut app = app();
        app.store.reserve(255 << 20, 0).unwrap();
        let visitor = |id: &str| format!(r#"{{"short_id": "{id}", "last_url": "{}"}}"#, "x".repeat(400_000));
        for _ in 0..4 {
            assert!(put(&mut app, visitor("V").as_bytes()).is_ok());
        }
        assert!(put(&mut app, visitor("W").as_bytes()).is_ok());
        assert!(put(&mut app, visitor("X").as_bytes()).is_err());
        assert!(put(&mut app, br#"{"short_id": "V", "last_url": "short"}"#).is_ok());
        for _ in 0..4 {
            assert!(put(&mut app, visitor("X").as_bytes()).is_ok());
            assert!(delete(&mut app, "X").is_ok());
        }
    }
}
