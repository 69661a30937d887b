//! Reads what the service posts to a `webhook_url` when a session has ended.

use serde_json::Value;
use upscope_json::depth;
use upscope_json::member::{Shape, member};

use crate::catalog::model::{Attribute, Session};
use crate::error::Error;
use crate::request::validate::{MAX_DEPTH, encoding_problem};

/// Longest webhook body accepted, in bytes.
const MAX_WEBHOOK_BYTES: usize = 16 * 1024 * 1024;

/// The session in a webhook's body, typed.
pub fn parse_webhook(body: &str) -> Result<Session, Error> {
    check(body)?;
    let session: Option<Value> = serde_json::from_str(body).ok();
    session.and_then(|session| Session::read(&session)).ok_or_else(|| refuse("does not fit its type"))
}

/// The session in a webhook's body, as JSON: the body as it came.
pub fn parse_webhook_json(body: &str) -> Result<String, Error> {
    check(body)?;
    Ok(body.to_owned())
}

/// An object with an id. The service does not document more, so no more is asked.
fn check(body: &str) -> Result<(), Error> {
    if body.len() > MAX_WEBHOOK_BYTES {
        return Err(refuse("is longer than 16 MiB"));
    }
    if depth::exceeds(body.as_bytes(), MAX_DEPTH) {
        return Err(refuse("is nested more than 128 levels deep"));
    }
    let id = member(body, "id").map_err(|error| match error.classify() {
        serde_json::error::Category::Data => refuse("is not a JSON object"),
        _ => match encoding_problem(body) {
            Some((problem, _)) => refuse(problem),
            None => refuse(&format!("is not JSON (line {}, column {})", error.line(), error.column())),
        },
    })?;
    match id.map(|id| (Shape::of(id), id.get().len())) {
        // An older version of the service sent numbers.
        Some((Shape::Number, _)) => Ok(()),
        Some((Shape::String, length)) if length > "\"\"".len() => Ok(()),
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
        let deep = format!("{{\"id\":\"s\",\"n\":1e999,\"a\":{}{}}}", "[".repeat(127), "]".repeat(127));
        assert_eq!(parse_webhook_json(&deep).unwrap(), deep);
        for body in ["", "{}", "[]", "{\"id\":null}", "{\"id\":\"\"}", "{\"id\":{}}", "{\"id\":\"s\"", "ok"] {
            let error = parse_webhook(body).unwrap_err();
            assert_eq!(error.code(), crate::ErrorCode::InvalidArgument);
        }
    }
}
