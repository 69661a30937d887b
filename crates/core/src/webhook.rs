//! Reads what the service posts to a `webhook_url` when a session has ended.

use serde_json::Value;

use crate::depth;
use crate::error::Error;
use crate::model::{Attribute, Session};
use crate::request_json::MAX_DEPTH;

/// Longest webhook body accepted, in bytes.
const MAX_WEBHOOK_BYTES: usize = 16 * 1024 * 1024;

/// The session in a webhook's body, typed.
pub fn parse_webhook(body: &str) -> Result<Session, Error> {
    Session::read(&session(body)?).ok_or_else(|| refuse("is not a JSON object"))
}

/// The session in a webhook's body, as JSON: the body as it came.
pub fn parse_webhook_json(body: &str) -> Result<String, Error> {
    session(body)?;
    Ok(body.to_owned())
}

/// The body as an object with an id. The service does not document more, so no more is asked.
fn session(body: &str) -> Result<Value, Error> {
    if body.len() > MAX_WEBHOOK_BYTES {
        return Err(refuse("is longer than 16 MiB"));
    }
    if depth::exceeds(body.as_bytes(), MAX_DEPTH) {
        return Err(refuse("is nested more than 128 levels deep"));
    }
    let session: Value = serde_json::from_str(body)
        .map_err(|error| refuse(&format!("is not JSON (line {}, column {})", error.line(), error.column())))?;
    let Value::Object(object) = &session else {
        return Err(refuse("is not a JSON object"));
    };
    match object.get("id") {
        Some(Value::String(id)) if !id.is_empty() => Ok(session),
        // An older version of the service sent numbers.
        Some(Value::Number(_)) => Ok(session),
        _ => Err(refuse("holds no \"id\" of a session")),
    }
}

fn refuse(why: &str) -> Error {
    Error::invalid_argument(format!(
        "The webhook's body {why}: pass the body of the service's POST exactly as it came."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_needs_its_id_alone() {
        let session = parse_webhook(r#" {"id":"s_1","length_seconds":3,"new":[1]} "#).unwrap();
        assert_eq!((session.id.as_deref(), session.length_seconds), (Some("s_1"), Some(3)));
        assert_eq!(parse_webhook("{\"id\":17}").unwrap().id.as_deref(), Some("17"));
        assert_eq!(parse_webhook_json("\n{\"id\":\"s\"}").unwrap(), "\n{\"id\":\"s\"}");
        for body in ["", "{}", "[]", "{\"id\":null}", "{\"id\":\"\"}", "{\"id\":{}}", "{\"id\":\"s\"", "ok"] {
            let error = parse_webhook(body).unwrap_err();
            assert_eq!(error.code(), crate::ErrorCode::InvalidArgument);
        }
    }
}
