//! The faults a test has asked for, one per API request.

use std::collections::VecDeque;
use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue, TRANSFER_ENCODING};
use serde_json::Value;

use crate::answer::Answer;
use crate::fields::Fields;

const LONGEST_DELAY_MS: u64 = 3_600_000;
const MOST_FAULTS: usize = 100_000;

/// Where the connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    BeforeResponse,
    MidBody,
    /// Without having announced it, as a server does whose idle time is over.
    AfterResponse,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Fault {
    pub(crate) delay: Duration,
    scripted: Option<Scripted>,
    pub(crate) breaks: Option<Break>,
    /// As it was asked for, for the journal.
    pub(crate) asked: Value,
}

#[derive(Clone, Debug)]
struct Scripted {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Fault {
    /// The answer that takes the place of the real one: the request itself is then not carried out.
    pub(crate) fn scripted_answer(&self) -> Option<Answer> {
        let scripted = self.scripted.as_ref()?;
        Some(Answer::scripted(scripted.status, &scripted.headers, scripted.body.as_bytes()))
    }

    fn read(asked: &Value) -> Result<Self, String> {
        if asked.is_null() {
            return Ok(Self::default());
        }
        let fields = Fields::of(asked)?;
        fields.only(&["status", "headers", "body", "delay_ms", "drop"])?;
        let delay_ms = fields.integer("delay_ms")?.unwrap_or(0);
        if delay_ms > LONGEST_DELAY_MS {
            return Err(format!("delay_ms is {delay_ms}, more than {LONGEST_DELAY_MS}"));
        }
        let breaks = match fields.text("drop")? {
            None => None,
            Some("before_response") => Some(Break::BeforeResponse),
            Some("mid_body") => Some(Break::MidBody),
            Some("after_response") => Some(Break::AfterResponse),
            Some(other) => {
                return Err(format!("drop is {other:?}, not before_response, mid_body or after_response"));
            }
        };
        Ok(Self {
            delay: Duration::from_millis(delay_ms),
            scripted: Scripted::read(&fields)?,
            breaks,
            asked: asked.clone(),
        })
    }
}

impl Scripted {
    fn read(fields: &Fields) -> Result<Option<Self>, String> {
        let Some(status) = fields.integer("status")? else {
            return match ["headers", "body"].into_iter().find(|name| fields.raw().contains_key(*name)) {
                Some(name) => Err(format!("{name} needs a status beside it")),
                None => Ok(None),
            };
        };
        // A 1xx would leave the client waiting for the real answer.
        let status = u16::try_from(status).ok().filter(|status| (200..=599).contains(status));
        let status = status.ok_or("status is not from 200 to 599")?;
        let mut headers = HeaderMap::new();
        if let Some(asked) = fields.object("headers")? {
            for (name, value) in asked.raw() {
                let (name, value) =
                    header(name, value).ok_or_else(|| format!("headers.{name} is not a header that can be sent"))?;
                headers.insert(name, value);
            }
        }
        let body = match fields.raw().get("body") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            // Spares the test from quoting JSON inside JSON.
            Some(other) => other.to_string(),
        };
        Ok(Some(Self { status, headers, body }))
    }
}

fn header(name: &str, value: &Value) -> Option<(HeaderName, HeaderValue)> {
    let name: HeaderName = name.parse().ok()?;
    // The sandbox frames the body itself.
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
    pub(crate) fn read(asked: &Value) -> Result<Self, String> {
        let Value::Array(list) = asked else {
            return Err("the body is not a list of faults".to_owned());
        };
        if list.len() > MOST_FAULTS {
            return Err(format!("there are {} faults, more than {MOST_FAULTS}", list.len()));
        }
        let read = |(number, fault)| Fault::read(fault).map_err(|why| format!("fault {number}: {why}"));
        Ok(Self((1..).zip(list).map(read).collect::<Result<_, _>>()?))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
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
    fn what_cannot_be_done_is_refused_with_a_sentence() {
        for (asked, part) in [
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
            let why = Faults::read(&asked).err().unwrap_or_default();
            assert!(why.contains(part), "{asked}: {why}");
        }
    }

    #[test]
    fn an_empty_fault_is_no_fault() {
        let mut faults = Faults::read(&json!([null, {}, {"delay_ms": 5, "drop": "mid_body"}])).unwrap();
        assert_eq!(faults.len(), 3);
        assert!(faults.next().asked.is_null());
        assert!(faults.next().scripted_answer().is_none());
        let third = faults.next();
        assert_eq!((third.delay, third.breaks), (Duration::from_millis(5), Some(Break::MidBody)));
        assert!(faults.next().asked.is_null());
    }
}
