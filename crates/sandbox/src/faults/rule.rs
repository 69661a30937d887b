//! A rule: a fault for all requests that it matches.

use std::sync::Arc;

use serde_json::Value;

use super::fault::{Fault, MEMBERS, RULE_MEMBERS};
use super::rate_limit::RateLimit;
use crate::http::request_target::RequestTarget;
use crate::json::ObjectReader;
use crate::routes;
use crate::spelling::unknown;

const MAX_PER_MINUTE: u64 = 100_000;

/// What a rule can match in a request.
pub(crate) struct MatchedRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) operation: Option<&'static str>,
    /// The decoded segments of the path below the base URL. `None` for other paths.
    pub(crate) path: Option<&'a [&'a str]>,
}

#[derive(Clone)]
pub(super) struct Rule {
    requests: RequestPattern,
    /// How many requests get the fault.
    times: Option<u64>,
    /// How many requests have got it.
    pub(super) used: u64,
    rate: Option<f64>,
    pub(super) random: fastrand::Rng,
    pub(super) limit: Option<RateLimit>,
    fault: Arc<Fault>,
}

/// Each part that is `None` matches every request.
#[derive(Clone)]
struct RequestPattern {
    operation: Option<&'static str>,
    method: Option<String>,
    path: Option<Vec<String>>,
}

impl Rule {
    pub(super) fn parse(definition: &Value, seed: u64) -> Result<Self, String> {
        let object = ObjectReader::named("the fault", definition)?;
        object.allow_only(&[&RULE_MEMBERS[..], &MEMBERS].concat())?;
        let times = object.integer("times")?;
        if times == Some(0) {
            return Err("times is 0; leave the rule out instead".to_owned());
        }
        let rate = match object.members().get("rate") {
            None => None,
            Some(value) => match value.as_f64().filter(|rate| (0.0..=1.0).contains(rate)) {
                Some(rate) => Some(rate),
                None => return Err(format!("rate is {value}, not a number from 0 to 1")),
            },
        };
        let limit = match object.integer("per_minute")? {
            None => None,
            Some(count @ 1..=MAX_PER_MINUTE) => Some(RateLimit::new(count as usize)),
            Some(count) => return Err(format!("per_minute is {count}, not a number from 1 to {MAX_PER_MINUTE}")),
        };
        Ok(Self {
            requests: RequestPattern::parse(&object.required_object("match")?)?,
            times,
            used: 0,
            rate,
            random: fastrand::Rng::with_seed(seed),
            limit,
            fault: Arc::new(Fault::parse(&object, definition)?),
        })
    }

    /// The rule as it was defined.
    pub(super) fn definition(&self) -> Value {
        self.fault.json()
    }

    /// The rule as it was defined, and how often it was used.
    pub(super) fn json(&self) -> Value {
        let mut json = self.definition();
        json["used"] = self.used.into();
        json
    }

    /// Whether the rule decides about the request.
    pub(super) fn matches(&self, request: &MatchedRequest) -> bool {
        self.times.is_none_or(|times| self.used < times) && self.requests.matches(request)
    }

    /// The fault for a request that matches. `None` lets it pass.
    pub(super) fn decide(&mut self, now_ms: i64) -> Option<Arc<Fault>> {
        if self.rate.is_some_and(|rate| self.random.f64() >= rate) {
            return None;
        }
        let fault = match &mut self.limit {
            None => self.fault.clone(),
            Some(limit) => {
                let retry_after_s = limit.pass(now_ms).err()?;
                if self.fault.is_effective() {
                    self.fault.clone()
                } else {
                    let definition = self.fault.definition.clone();
                    Arc::new(Fault::rate_limited(retry_after_s, limit.per_minute, definition))
                }
            }
        };
        self.used += 1;
        Some(fault)
    }
}

impl RequestPattern {
    fn parse(object: &ObjectReader) -> Result<Self, String> {
        object.allow_only(&["operation", "method", "path"])?;
        let (operation, method, path) = (object.string("operation")?, object.string("method")?, object.string("path")?);
        if operation.is_some() && (method.is_some() || path.is_some()) {
            return Err("match has operation and also method or path; use one of them".to_owned());
        }
        let operation = operation.map(|name| {
            let mut names = routes::operations();
            names.clone().find(|known| *known == name).ok_or_else(|| {
                let names: Vec<&str> = names.by_ref().collect();
                unknown(&format!("match.operation is {name:?}"), name, &names)
            })
        });
        if let Some(method) = method
            && method != method.to_uppercase()
        {
            return Err(format!("match.method is {method:?}; write it in upper case: {}", method.to_uppercase()));
        }
        Ok(Self {
            operation: operation.transpose()?,
            method: method.map(str::to_owned),
            path: path.map(parse_path).transpose()?,
        })
    }

    fn matches(&self, request: &MatchedRequest) -> bool {
        self.operation.is_none_or(|operation| request.operation == Some(operation))
            && self.method.as_deref().is_none_or(|method| method == request.method)
            && self.path.as_ref().is_none_or(|pattern| request.path.is_some_and(|path| matches_path(pattern, path)))
    }
}

/// A segment in braces matches any one segment.
fn matches_path(pattern: &[String], path: &[&str]) -> bool {
    let matches_segment = |(pattern, segment): (&String, &&str)| match is_placeholder(pattern) {
        true => !segment.is_empty(),
        false => pattern == segment,
    };
    pattern.len() == path.len() && pattern.iter().zip(path).all(matches_segment)
}

fn is_placeholder(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

fn parse_path(path: &str) -> Result<Vec<String>, String> {
    let Some(below) = path.strip_prefix('/') else {
        return Err(format!("match.path is {path:?}; it starts with a slash"));
    };
    if let Some(rest) = below.strip_prefix(routes::API_VERSION)
        && rest.starts_with('/')
    {
        return Err(format!("match.path is below the base URL: write {rest:?}"));
    }
    if path.contains(['?', '#']) {
        return Err("match.path has a query or a fragment; rules match only the path".to_owned());
    }
    let segments = below.split('/').map(|segment| match is_placeholder(segment) {
        true => Ok(segment.to_owned()),
        false => RequestTarget::split(segment).segments().map(|segments| segments.concat()),
    });
    segments.collect::<Result<_, _>>().map_err(|error| format!("match.path: {error}"))
}
