//! Faults that tests inject, one for each API request.

use std::collections::VecDeque;
use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue, TRANSFER_ENCODING};
use serde_json::Value;

use crate::http::response::Response;
use crate::json::ObjectReader;

const MAX_DELAY_MS: u64 = 3_600_000;
const MAX_FAULTS: usize = 100_000;

/// When a fault closes the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DropPoint {
    BeforeResponse,
    MidBody,
    /// Without a `Connection: close` header, like a server whose idle timeout expires.
    AfterResponse,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Fault {
    pub(crate) delay: Duration,
    scripted: Option<ScriptedResponse>,
    pub(crate) drop_point: Option<DropPoint>,
    /// The fault as the test defined it, for the request log.
    pub(crate) definition: Value,
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

    fn parse(definition: &Value) -> Result<Self, String> {
        if definition.is_null() {
            return Ok(Self::default());
        }
        let object = ObjectReader::new(definition)?;
        object.allow_only(&["status", "headers", "body", "delay_ms", "drop"])?;
        let delay_ms = object.integer("delay_ms")?.unwrap_or(0);
        if delay_ms > MAX_DELAY_MS {
            return Err(format!("delay_ms is {delay_ms}, more than {MAX_DELAY_MS}"));
        }
        let drop_point = match object.string("drop")? {
            None => None,
            Some("before_response") => Some(DropPoint::BeforeResponse),
            Some("mid_body") => Some(DropPoint::MidBody),
            Some("after_response") => Some(DropPoint::AfterResponse),
            Some(other) => {
                return Err(format!("drop is {other:?}, not before_response, mid_body or after_response"));
            }
        };
        Ok(Self {
            delay: Duration::from_millis(delay_ms),
            scripted: ScriptedResponse::parse(&object)?,
            drop_point,
            definition: definition.clone(),
        })
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

#[derive(Default)]
pub(crate) struct Faults(VecDeque<Fault>);

impl Faults {
    pub(crate) fn parse(definitions: &Value) -> Result<Self, String> {
        let Value::Array(list) = definitions else {
            return Err("the body is not a list of faults".to_owned());
        };
        if list.len() > MAX_FAULTS {
            return Err(format!("there are {} faults, more than {MAX_FAULTS}", list.len()));
        }
        let parse = |(number, fault)| Fault::parse(fault).map_err(|error| format!("fault {number}: {error}"));
        Ok(Self((1..).zip(list).map(parse).collect::<Result<_, _>>()?))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn definitions(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|fault| &fault.definition)
    }

    pub(crate) fn next(&mut self) -> Fault {
        self.0.pop_front().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn explains_why_a_fault_is_invalid() {
        for (definition, part) in [
            (json!({}), "not a list"),
            (json!([{}, {"dely_ms": 1}]), "fault 2: dely_ms is unknown"),
            (json!([{"drop": "now"}]), "not before_response"),
            (json!([{"delay_ms": -1}]), "whole number"),
            (json!([{"delay_ms": 3_600_001}]), "more than"),
            (json!([{"status": 100}]), "200 to 599"),
            (json!([{"body": "x"}]), "needs a status"),
            (json!([{"status": 200, "headers": {"Content-Length": "3"}}]), "can be sent"),
            (json!([{"status": 200, "headers": {"X": "a\nb"}}]), "can be sent"),
            (json!([7]), "not an object"),
        ] {
            let error = Faults::parse(&definition).err().unwrap_or_default();
            assert!(error.contains(part), "{definition}: {error}");
        }
    }

    #[test]
    fn null_and_an_empty_object_are_no_faults() {
        let mut faults = Faults::parse(&json!([null, {}, {"delay_ms": 5, "drop": "mid_body"}])).unwrap();
        assert_eq!(faults.len(), 3);
        assert!(faults.next().definition.is_null());
        assert!(faults.next().scripted_response().is_none());
        let third = faults.next();
        assert_eq!((third.delay, third.drop_point), (Duration::from_millis(5), Some(DropPoint::MidBody)));
        assert!(faults.next().definition.is_null());
    }
}
