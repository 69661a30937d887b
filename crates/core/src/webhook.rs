//! Parses the body that the service posts to a `webhook_url` when a session ends.

use serde_json::Value;
use upscope_json::depth;
use upscope_json::member::member;
use upscope_json::value::{JsonType, is_unicode_string};

use crate::catalog::model::{Attribute, Session, read};
use crate::error::Error;
use crate::request::validate::{MAX_DEPTH, encoding_problem};

/// The longest webhook body accepted, in bytes.
const MAX_WEBHOOK_BYTES: usize = 16 * 1024 * 1024;

/// Parses the session in the body of a webhook: of the `POST` that the service sends to the `webhook_url` of a watch link
/// when the session ends.
///
/// The service does not sign webhooks: use an address that nobody can guess.
///
/// # Errors
///
/// [`InvalidArgument`](crate::ErrorCode::InvalidArgument) if the body is not a JSON object with an id.
///
/// ```
/// let session = upscope::parse_webhook(r#"{"id": "s_1", "length_seconds": 60, "later": true}"#)?;
/// assert_eq!(session.id.as_deref(), Some("s_1"));
/// assert_eq!(session.length_seconds, Some(60));
/// assert_eq!(session.extra["later"], true);
/// # Ok::<(), upscope::Error>(())
/// ```
pub fn parse_webhook(body: &str) -> Result<Session, Error> {
    if body.len() <= MAX_WEBHOOK_BYTES
        && let Some(session) = read::whole::<Session>(body)
        && session.id.as_ref().is_some_and(|id| !id.is_empty())
    {
        return Ok(session);
    }
    validate(body)?;
    let session: Option<Value> = serde_json::from_str(body).ok();
    session.and_then(|session| Session::from_json(&session)).ok_or_else(|| invalid("does not fit its type"))
}

/// Checks the body of a webhook and returns it unchanged: the session as JSON.
///
/// # Errors
///
/// The same as those of [`parse_webhook`].
///
/// ```
/// assert_eq!(upscope::parse_webhook_json(r#"{"id":"s_1"}"#)?, r#"{"id":"s_1"}"#);
/// assert!(upscope::parse_webhook_json("{}").is_err());
/// # Ok::<(), upscope::Error>(())
/// ```
pub fn parse_webhook_json(body: &str) -> Result<String, Error> {
    validate(body)?;
    Ok(body.to_owned())
}

/// Requires an object with an id. The service documents no more than that.
fn validate(body: &str) -> Result<(), Error> {
    if body.len() > MAX_WEBHOOK_BYTES {
        return Err(invalid("is longer than 16 MiB"));
    }
    if depth::exceeds(body.as_bytes(), MAX_DEPTH) {
        return Err(invalid("is nested more than 128 levels deep"));
    }
    let id = member(body, "id").map_err(|error| match error.classify() {
        serde_json::error::Category::Data => invalid("is not a JSON object"),
        _ => match encoding_problem(body) {
            Some((problem, _)) => invalid(problem),
            None => invalid(&format!("is not JSON (line {}, column {})", error.line(), error.column())),
        },
    })?;
    match id {
        // An older version of the service sent numbers.
        Some(id) if JsonType::of(id) == JsonType::Number => Ok(()),
        Some(id) if is_unicode_string(id) && id.get() != "\"\"" => Ok(()),
        _ => Err(invalid("has no session \"id\"")),
    }
}

fn invalid(why: &str) -> Error {
    Error::invalid_argument(format!(
        "The webhook's body {why}: pass the body of the service's POST exactly as received."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_needs_only_an_id() {
        let session = parse_webhook(r#" {"id":"s_1","length_seconds":3,"new":[1]} "#).unwrap();
        assert_eq!((session.id.as_deref(), session.length_seconds), (Some("s_1"), Some(3)));
        assert_eq!(parse_webhook("{\"id\":17}").unwrap().id.as_deref(), Some("17"));
        assert_eq!(parse_webhook_json("\n{\"id\":\"s\"}").unwrap(), "\n{\"id\":\"s\"}");
        let deep = format!("{{\"id\":\"s\",\"n\":1e999,\"a\":{}{}}}", "[".repeat(127), "]".repeat(127));
        assert_eq!(parse_webhook_json(&deep).unwrap(), deep);
        for body in ["", "{}", "[]", "{\"id\":null}", "{\"id\":\"\"}", "{\"id\":{}}", "{\"id\":\"s\"", "ok"] {
            let error = parse_webhook(body).unwrap_err();
            assert_eq!(error.code(), crate::ErrorCode::InvalidArgument);
        }
    }
}
