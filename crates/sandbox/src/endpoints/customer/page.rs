//! `connect`, `update` and `disconnect`: the customer's page becomes an online visitor, changes its attributes, and goes.

use serde_json::{Map, Value, json};

use super::{invalid, unknown_visitor, visitor_of};
use crate::app_state::AppState;
use crate::clock::{UtcOffset, rfc3339};
use crate::http::response::{ApiError, Response};
use crate::json::ObjectReader;
use crate::store::SearchTerm;

/// Characters of short ids. None of them looks like another one.
const ID_ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LOOKUP_CODES: u16 = 10_000;

/// The strings that a page reports, and the attributes of the visitor that they become.
const STRINGS: [(&str, &str); 5] = [
    ("unique_id", "unique_id"),
    ("call_name", "call_name"),
    ("url", "last_url"),
    ("device_type", "device_type"),
    ("browser_name", "browser_name"),
];

/// assumed: a page with a key that is not known any more becomes a new visitor.
pub(super) fn connect(app: &mut AppState, body: &ObjectReader) -> Result<Response, ApiError> {
    let mut attributes = attributes(app, body).map_err(invalid)?;
    let requires_acceptance = body.boolean("requires_acceptance").map_err(invalid)?;
    let given_key = body.nullable_string("visitor_key").map_err(invalid)?;
    let known = given_key.and_then(|key| Some((key.to_owned(), app.store.customer_pages.visitor_of(key)?.to_owned())));
    let (key, short_id) = match known {
        Some(known) => known,
        None => {
            app.store.make_room_for_customer_page()?;
            attributes.insert("lookup_code".to_owned(), unused_lookup_code(app)?.into());
            (app.randomness.uuid()?, random_short_id(app)?)
        }
    };
    let (now_ms, elapsed_ms) = (app.now_ms(), app.clock.elapsed_ms());
    app.store.put_visitor(&short_id, attributes, requires_acceptance, now_ms)?;
    app.store.customer_page_reported(&key, &short_id, elapsed_ms);
    let lookup_code = app.store.visitors.get(&short_id).and_then(|visitor| visitor.text("lookup_code"));
    Ok(Response::json(&json!({
        "status": "ok",
        "visitor_key": key,
        "short_id": short_id,
        "lookup_code": lookup_code,
    })))
}

pub(super) fn update(app: &mut AppState, body: &ObjectReader) -> Result<Response, ApiError> {
    let attributes = attributes(app, body).map_err(invalid)?;
    let requires_acceptance = body.boolean("requires_acceptance").map_err(invalid)?;
    let short_id = visitor_of(app, body)?;
    let now_ms = app.now_ms();
    app.store.put_visitor(&short_id, attributes, requires_acceptance, now_ms)?;
    Ok(Response::ok())
}

pub(super) fn disconnect(app: &mut AppState, body: &ObjectReader) -> Result<Response, ApiError> {
    let key = body.required_string("visitor_key").map_err(invalid)?;
    if app.store.customer_pages.visitor_of(key).is_none() {
        return Err(unknown_visitor());
    }
    let (now_ms, elapsed_ms) = (app.now_ms(), app.clock.elapsed_ms());
    app.store.customer_page_closed(key, elapsed_ms, now_ms);
    Ok(Response::ok())
}

/// The visitor's attributes that the page reports.
fn attributes(app: &AppState, body: &ObjectReader) -> Result<Map<String, Value>, String> {
    body.allow_only(&[
        "visitor_key",
        "unique_id",
        "identities",
        "tags",
        "call_name",
        "url",
        "title",
        "device_type",
        "browser_name",
        "requires_acceptance",
    ])?;
    // The API has no attribute for the title; snapshots repeat it.
    body.nullable_string("title")?;
    let mut attributes = Map::new();
    for (name, attribute) in STRINGS {
        if body.members().contains_key(name) {
            attributes.insert(attribute.to_owned(), body.nullable_string(name)?.into());
        }
    }
    // null clears what identifies the visitor.
    let is_cleared = |name| body.members().get(name).is_some_and(Value::is_null);
    if is_cleared("tags") {
        attributes.insert("tags".to_owned(), json!([]));
    }
    if is_cleared("identities") {
        for name in ["identities", "email", "name"] {
            attributes.insert(name.to_owned(), Value::Null);
        }
    }
    if let Some(tags) = body.strings("tags")? {
        attributes.insert("tags".to_owned(), tags.into());
    }
    if let Some(identities) = body.strings("identities")? {
        // assumed: of the identities, the e-mail address and the name are those that look like it.
        let (emails, names): (Vec<&str>, Vec<&str>) = identities.iter().partition(|identity| identity.contains('@'));
        attributes.insert("email".to_owned(), emails.first().copied().into());
        attributes.insert("name".to_owned(), names.first().copied().into());
        attributes.insert("identities".to_owned(), identities.into());
    }
    attributes.insert("is_online".to_owned(), true.into());
    attributes.insert("last_seen_at".to_owned(), rfc3339(app.now_ms(), UtcOffset::Zero).into());
    Ok(attributes)
}

fn random_short_id(app: &mut AppState) -> Result<String, ApiError> {
    let bytes: [u8; 10] = app.randomness.bytes()?;
    Ok(bytes.iter().map(|byte| char::from(ID_ALPHABET[usize::from(byte % 32)])).collect())
}

/// Returns `None` if all codes are used.
fn unused_lookup_code(app: &mut AppState) -> Result<Option<String>, ApiError> {
    let first = u16::from_le_bytes(app.randomness.bytes()?) % LOOKUP_CODES;
    let mut codes = (0..LOOKUP_CODES).map(|offset| format!("{:04}", (first + offset) % LOOKUP_CODES));
    let visitors = &app.store.visitors;
    Ok(codes.find(|code| visitors.with_term(&SearchTerm::LookupCode(code.as_str().into())).next().is_none()))
}
