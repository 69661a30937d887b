//! Faults that tests inject: rules, which apply to all requests that they match, and a list of faults for one request each.

mod fault;
mod rate_limit;
mod rule;
mod saved;

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};

pub(crate) use fault::{DropPoint, Fault};
pub(crate) use rule::MatchedRequest;
use rule::Rule;
pub(crate) use saved::SavedFaults;

const MAX_FAULTS: usize = 100_000;

#[derive(Clone, Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
    /// One for each request that no rule matches.
    list: VecDeque<Option<Arc<Fault>>>,
}

impl Faults {
    /// `seed` selects the requests that a rule with a rate applies to.
    pub(crate) fn parse(definitions: &Value, seed: u64) -> Result<Self, String> {
        let Value::Array(definitions) = definitions else {
            return Err("the body is not a list of faults".to_owned());
        };
        if definitions.len() > MAX_FAULTS {
            return Err(format!("there are {} faults, more than {MAX_FAULTS}", definitions.len()));
        }
        let mut faults = Self::default();
        for (number, definition) in (1_u64..).zip(definitions) {
            let parsed = match definition.get("match") {
                Some(_) => Rule::parse(definition, seed.wrapping_add(number)).map(|rule| faults.rules.push(rule)),
                None => Fault::parse_element(definition).map(|fault| faults.list.push_back(fault.map(Arc::new))),
            };
            parsed.map_err(|error| format!("fault {number}: {error}"))?;
        }
        Ok(faults)
    }

    pub(crate) fn len(&self) -> usize {
        self.rules.len() + self.list.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rules, and the faults that are left in the list.
    pub(crate) fn json(&self) -> Value {
        let rules: Value = self.rules_json().collect();
        let list: Value = self.list_json().collect();
        json!({"status": "ok", "rules": rules, "list": list})
    }

    /// The first rules and faults in the list, up to `limit` altogether.
    pub(crate) fn first_json(&self, limit: usize) -> Value {
        self.rules_json().chain(self.list_json()).take(limit).collect()
    }

    fn rules_json(&self) -> impl Iterator<Item = Value> {
        self.rules.iter().map(Rule::json)
    }

    fn list_json(&self) -> impl Iterator<Item = Value> {
        self.list.iter().map(|fault| fault.as_ref().map_or(Value::Null, |fault| fault.json()))
    }

    /// The fault for a request. The first rule that matches it decides, even if it lets the request pass.
    pub(crate) fn next(&mut self, request: &MatchedRequest, now_ms: i64) -> Option<Arc<Fault>> {
        match self.rules.iter_mut().find(|rule| rule.matches(request)) {
            Some(rule) => rule.decide(now_ms),
            None => self.list.pop_front().flatten(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(definitions: &Value) -> Result<Faults, String> {
        Faults::parse(definitions, 1)
    }

    #[test]
    fn explains_why_a_fault_is_invalid() {
        let operation = |name: &str| json!([{"match": {"operation": name}, "status": 500}]);
        let matching = |members: Value| json!([{"match": members, "status": 500}]);
        let rule = |key: &str, value: Value| json!([{"match": {}, "status": 500, key: value}]);
        for (definition, part) in [
            (json!({}), "not a list"),
            (json!([{}, {"dely_ms": 1}]), "fault 2: dely_ms is unknown; did you mean delay_ms?"),
            (json!([{"zzz": 1}]), "zzz is unknown; known: "),
            (json!([{"drop": "now"}]), "not before_response"),
            (json!([{"delay_ms": -1}]), "whole number"),
            (json!([{"delay_ms": 3_600_001}]), "more than"),
            (json!([{"body_ms": 3_600_001}]), "body_ms is 3600001, more than"),
            (json!([{"status": 100}]), "200 to 599"),
            (json!([{"body": "x"}]), "needs a status"),
            (json!([{"status": 200, "headers": {"Content-Length": "3"}}]), "can be sent"),
            (json!([{"status": 200, "headers": {"X": "a\nb"}}]), "can be sent"),
            (json!([7]), "fault 1: the fault is a number, not an object"),
            (json!([{"times": 3, "status": 500}]), "times needs a match in the same fault"),
            (json!([{"match": 7}]), "match is a number, not an object"),
            (
                json!([{}, {}, operation("list_vistors")[0]]),
                "fault 3: match.operation is \"list_vistors\"; did you mean list_visitors?",
            ),
            (operation("zzz"), "match.operation is \"zzz\"; known: "),
            (matching(json!({"operatoin": "x"})), "match.operatoin is unknown; did you mean operation?"),
            (matching(json!({"operation": "get_usage", "path": "/usage"})), "match has operation and also"),
            (matching(json!({"method": "get"})), "match.method is \"get\"; write it in upper case: GET"),
            (matching(json!({"path": "list"})), "match.path is \"list\"; it starts with a slash"),
            (matching(json!({"path": "/v1.3/list"})), "match.path is below the base URL: write \"/list\""),
            (matching(json!({"path": "/list?a=b"})), "match.path has a query"),
            (matching(json!({"path": "/a%2"})), "match.path: "),
            (rule("times", json!(0)), "times is 0"),
            (rule("rate", json!(1.5)), "rate is 1.5, not a number from 0 to 1"),
            (rule("rate", json!("often")), "rate is \"often\", not a number from 0 to 1"),
            (rule("per_minute", json!(0)), "per_minute is 0, not a number from 1 to 100000"),
        ] {
            let error = parse(&definition).err().unwrap_or_default();
            assert!(error.contains(part), "{definition}: {error}");
        }
    }

    fn request<'a>(method: &'a str, operation: Option<&'static str>, path: &'a [&'a str]) -> MatchedRequest<'a> {
        MatchedRequest { method, operation, path: Some(path) }
    }

    #[test]
    fn null_and_an_empty_object_are_no_faults() {
        let mut faults = parse(&json!([null, {}, {"delay_ms": 5, "drop": "mid_body"}])).unwrap();
        assert_eq!(faults.len(), 3);
        let usage = request("GET", Some("get_usage"), &["usage"]);
        assert!(faults.next(&usage, 0).is_none());
        assert!(faults.next(&usage, 0).is_none());
        let third = faults.next(&usage, 0).unwrap();
        assert_eq!((third.delay.as_millis(), third.drop_point), (5, Some(DropPoint::MidBody)));
        assert!(faults.next(&usage, 0).is_none());
    }

    #[test]
    fn the_first_matching_rule_decides_and_the_list_is_for_the_other_requests() {
        let mut faults = parse(&json!([
            {"status": 500},
            {"match": {"operation": "get_usage"}, "times": 2, "status": 501},
            {"match": {"path": "/visitors/{id}", "method": "DELETE"}, "status": 502},
            {"match": {"path": "/usage"}, "status": 503},
            {"match": {"method": "POST"}, "status": 504},
        ]))
        .unwrap();
        let usage = request("GET", Some("get_usage"), &["usage"]);
        let mut status = |request: &MatchedRequest| {
            faults.next(request, 0).and_then(|fault| fault.scripted_response()).map(|response| response.status)
        };
        assert_eq!([status(&usage), status(&usage), status(&usage)], [Some(501), Some(501), Some(503)]);
        assert_eq!(status(&request("DELETE", Some("delete_visitor"), &["visitors", "a/b"])), Some(502));
        assert_eq!(status(&request("POST", None, &["nothing"])), Some(504));
        let visitor = request("GET", Some("get_visitor"), &["visitors", "x"]);
        assert_eq!([status(&visitor), status(&visitor)], [Some(500), None]);
        // A path of a rule is below the base URL.
        assert_eq!(status(&MatchedRequest { method: "GET", operation: None, path: None }), None);
    }

    #[test]
    fn the_seed_selects_the_requests_that_a_rate_applies_to() {
        let usage = request("GET", Some("get_usage"), &["usage"]);
        let failed = |seed| {
            let definition = json!([{"match": {}, "rate": 0.2, "status": 503}, {"status": 500}]);
            let mut faults = Faults::parse(&definition, seed).unwrap();
            (0..1_000).map(|_| faults.next(&usage, 0).is_some()).collect::<Vec<bool>>()
        };
        let count = failed(1).iter().filter(|failed| **failed).count();
        assert!((150..250).contains(&count), "{count}");
        assert_eq!(failed(1), failed(1));
        assert_ne!(failed(1), failed(2));
    }

    #[test]
    fn times_counts_only_the_requests_that_got_the_fault() {
        let usage = request("GET", Some("get_usage"), &["usage"]);
        let mut faults = parse(&json!([{"match": {}, "rate": 0.5, "times": 10, "status": 503}])).unwrap();
        assert_eq!((0..1_000).filter(|_| faults.next(&usage, 0).is_some()).count(), 10);
    }

    #[test]
    fn a_rate_limit_passes_some_requests_each_minute_and_says_when_to_retry() {
        let usage = request("GET", Some("get_usage"), &["usage"]);
        let mut faults = parse(&json!([{"match": {}, "per_minute": 2}])).unwrap();
        let mut retry_after = |now_ms| {
            let response = faults.next(&usage, now_ms)?.scripted_response()?;
            assert_eq!(response.status, 429);
            Some(response.headers["retry-after"].to_str().unwrap().to_owned())
        };
        assert_eq!([retry_after(1_000), retry_after(11_500)], [None, None]);
        assert_eq!(retry_after(11_500).as_deref(), Some("50"));
        assert_eq!(retry_after(60_999).as_deref(), Some("1"));
        assert_eq!(retry_after(61_000), None);
        assert_eq!(retry_after(61_000).as_deref(), Some("11"));
        assert_eq!([retry_after(200_000), retry_after(200_000)], [None, None]);
        assert_eq!(retry_after(200_000).as_deref(), Some("60"));

        let mut faults = parse(&json!([{"match": {}, "per_minute": 1, "delay_ms": 7}])).unwrap();
        assert!(faults.next(&usage, 0).is_none());
        assert_eq!(faults.next(&usage, 0).unwrap().delay.as_millis(), 7);
    }
}
