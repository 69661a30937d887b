//! One fault: what happens to a request and its response.

use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue, TRANSFER_ENCODING};
use serde_json::Value;

use crate::http::response::Response;
use crate::json::ObjectReader;

const MAX_DELAY_MS: u64 = 3_600_000;
/// The members of a fault.
pub(super) const MEMBERS: [&str; 6] = ["status", "headers", "body", "delay_ms", "body_ms", "drop"];
/// The members that only a rule has.
pub(super) const RULE_MEMBERS: [&str; 4] = ["match", "times", "rate", "per_minute"];

/// When a fault closes the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DropPoint {
    BeforeResponse,
    /// Without a response. The client sees a connection reset instead of an orderly end.
    Reset,
    MidBody,
    /// Without a `Connection: close` header, like a server whose idle timeout expires.
    AfterResponse,
}

impl DropPoint {
    pub(crate) fn sends_response(self) -> bool {
        matches!(self, Self::MidBody | Self::AfterResponse)
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Fault {
    pub(crate) delay: Duration,
    /// How long it takes to send the body.
    pub(crate) body_duration: Duration,
    scripted: Option<ScriptedResponse>,
    pub(crate) drop_point: Option<DropPoint>,
    /// The fault as the test defined it, for the request log.
    pub(crate) definition: String,
}

#[derive(Clone, Debug)]
struct ScriptedResponse {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Fault {
    /// The response to send instead of executing the request.
    pub(crate) fn scripted_response(&self) -> Option<Response> {
        let scripted = self.scripted.as_ref()?;
        Some(Response::scripted(scripted.status, &scripted.headers, scripted.body.as_bytes()))
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.definition).unwrap_or_default()
    }

    /// Whether it does anything.
    pub(super) fn is_effective(&self) -> bool {
        self.scripted.is_some() || self.drop_point.is_some() || !self.delay.is_zero() || !self.body_duration.is_zero()
    }

    /// Parses an element of the list. Returns `None` if it is no fault.
    pub(super) fn parse_element(definition: &Value) -> Result<Option<Self>, String> {
        if definition.is_null() {
            return Ok(None);
        }
        let object = ObjectReader::named("the fault", definition)?;
        if let Some(name) = RULE_MEMBERS.into_iter().find(|name| object.members().contains_key(*name)) {
            return Err(format!("{name} needs a match in the same fault; \"match\": {{}} matches every request"));
        }
        object.allow_only(&MEMBERS)?;
        Self::parse(&object, definition).map(|fault| (!object.members().is_empty()).then_some(fault))
    }

    /// Parses the members of a fault, and ignores others.
    pub(super) fn parse(object: &ObjectReader, definition: &Value) -> Result<Self, String> {
        let drop_point = match object.string("drop")? {
            None => None,
            Some("before_response") => Some(DropPoint::BeforeResponse),
            Some("reset") => Some(DropPoint::Reset),
            Some("mid_body") => Some(DropPoint::MidBody),
            Some("after_response") => Some(DropPoint::AfterResponse),
            Some(other) => {
                return Err(format!("drop is {other:?}, not before_response, reset, mid_body or after_response"));
            }
        };
        Ok(Self {
            delay: parse_duration(object, "delay_ms")?,
            body_duration: parse_duration(object, "body_ms")?,
            scripted: ScriptedResponse::parse(object)?,
            drop_point,
            definition: definition.to_string(),
        })
    }

    /// A response with status 429, for a rule that limits the rate.
    pub(super) fn rate_limited(retry_after_s: i64, per_minute: usize, definition: String) -> Self {
        // assumed: the service does not document its limits. Its open-source limiter sends no Retry-After.
        let body = serde_json::json!({
            "status": "error",
            "error": "too_many_requests",
            "message": format!("a rule allows {per_minute} of these requests a minute; retry after {retry_after_s} s"),
        });
        let headers = HeaderMap::from_iter([(hyper::header::RETRY_AFTER, HeaderValue::from(retry_after_s))]);
        let scripted = ScriptedResponse { status: 429, headers, body: body.to_string() };
        Self { scripted: Some(scripted), definition, ..Self::default() }
    }
}

fn parse_duration(object: &ObjectReader, name: &str) -> Result<Duration, String> {
    match object.integer(name)?.unwrap_or(0) {
        ms if ms > MAX_DELAY_MS => Err(format!("{name} is {ms}, more than {MAX_DELAY_MS}")),
        ms => Ok(Duration::from_millis(ms)),
    }
}

impl ScriptedResponse {
    fn parse(object: &ObjectReader) -> Result<Option<Self>, String> {
        let Some(status) = object.integer("status")? else {
            return match ["headers", "body"].into_iter().find(|name| object.members().contains_key(*name)) {
                Some(name) => Err(format!("{name} needs a status in the same fault")),
                None => Ok(None),
            };
        };
        // After a 1xx status, the client would wait for the final response.
        let status = u16::try_from(status).ok().filter(|status| (200..=599).contains(status));
        let status = status.ok_or("status is not from 200 to 599")?;
        let mut headers = HeaderMap::new();
        if let Some(object) = object.object("headers")? {
            for (name, value) in object.members() {
                let (name, value) = parse_header(name, value)
                    .ok_or_else(|| format!("headers.{name} is not a header that can be sent"))?;
                headers.insert(name, value);
            }
        }
        let body = match object.members().get("body") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            // Lets a test give JSON bodies without quoting them.
            Some(other) => other.to_string(),
        };
        Ok(Some(Self { status, headers, body }))
    }
}

fn parse_header(name: &str, value: &Value) -> Option<(HeaderName, HeaderValue)> {
    let name: HeaderName = name.parse().ok()?;
    // The sandbox sets the framing of the body.
    if name == CONTENT_LENGTH || name == TRANSFER_ENCODING {
        return None;
    }
    let value = match value {
        Value::String(text) => HeaderValue::from_str(text).ok()?,
        Value::Number(number) => HeaderValue::from_str(&number.to_string()).ok()?,
        _ => return None,
    };
    Some((name, value))
}
