//! The sandbox's clock: the dates of responses follow it, and only a test moves a stopped one.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use time::OffsetDateTime;
use upscope_sandbox::{Options, Sandbox};

use crate::client::Client;
use crate::{start_sandbox, start_sandbox_with};

const DAY_MS: u64 = 86_400_000;

/// A sandbox whose clock stands at 2026-01-31 09:00:00 UTC.
fn start_stopped() -> Sandbox {
    let now = OffsetDateTime::from_unix_timestamp(1_769_850_000).unwrap();
    Sandbox::start(Options { now: Some(now), fixed_links: true, ..Options::default() }).unwrap()
}

#[test]
fn the_date_header_follows_the_clock() {
    let sandbox = start_stopped();
    let mut client = Client::connect(&sandbox);
    let targets = ["/v1.3/usage", "/v1.3/nothing", "/_sandbox/requests", "/session/x", "/"];
    for target in targets {
        assert_eq!(client.get(target).header("date"), Some("Sat, 31 Jan 2026 09:00:00 GMT"), "{target}");
    }
    assert_eq!(client.advance_clock(DAY_MS + 1_500), "2026-02-01T09:00:01.500Z");
    for target in targets {
        assert_eq!(client.get(target).header("date"), Some("Sun, 01 Feb 2026 09:00:01 GMT"), "{target}");
    }
    client.set_faults(&json!([{"status": 503}, {"status": 503, "headers": {"Date": "never"}}]));
    assert_eq!(client.get("/v1.3/usage").header("date"), Some("Sun, 01 Feb 2026 09:00:01 GMT"));
    assert_eq!(client.get("/v1.3/usage").header("date"), Some("never"));
}

#[test]
fn a_running_clock_has_the_system_time() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let date = client.get("/v1.3/usage").header("date").map(httpdate::parse_http_date);
    let age = SystemTime::now().duration_since(date.unwrap().unwrap()).unwrap();
    assert!(age < Duration::from_secs(60), "{age:?}");
}

#[test]
fn two_starts_with_a_stopped_clock_and_fixed_links_answer_the_same_bytes() {
    let answers = || {
        let sandbox = start_stopped();
        let mut client = Client::connect(&sandbox);
        let mut answers = Vec::new();
        let mut id = String::new();
        for target in ["/v1.3/list", "/v1.3/usage", "/v1.3/cobrowsing_sessions/list"] {
            let response = client.get(target);
            if target == "/v1.3/list" {
                id = response.expect_ok()["visitors"][0]["short_id"].as_str().unwrap().to_owned();
            }
            answers.push((response.headers, response.body));
        }
        for _ in 0..2 {
            let watch_url = format!("/v1.3/visitors/{id}/watch_url");
            let mut link = client.post(&watch_url, &json!({"agent": {"id": "1"}})).expect_ok();
            let url = link["watch_url"].as_str().unwrap().replace(&sandbox.port().to_string(), "PORT");
            link["watch_url"] = url.into();
            answers.push((Vec::new(), link.to_string().into_bytes()));
        }
        let agent = json!({"visitor_id": id, "agent": {"id": "1", "name": "A"}});
        answers.push((Vec::new(), client.post("/v1.3/onpremise/token", &agent).body));
        answers
    };
    let first = answers();
    assert_eq!(first, answers());
    assert_ne!(first[3], first[4], "each link is a new one");
}

#[test]
fn a_reset_makes_the_data_relative_to_the_present_again() {
    let sandbox = start_sandbox_with(25, 10);
    let mut client = Client::connect(&sandbox);
    let last_seen = |client: &mut Client| {
        let visitor: Value = client.get("/v1.3/list?max_results=1").expect_ok()["visitors"][0].clone();
        visitor["last_seen_at"].as_str().unwrap().to_owned()
    };
    let before = last_seen(&mut client);
    client.advance_clock(DAY_MS);
    client.post("/_sandbox/reset", &json!({})).expect_ok();
    let after = last_seen(&mut client);
    // The data is as old as before, and a real time of at least a millisecond has passed.
    assert!(after > before, "{after} {before}");

    let stopped = start_stopped();
    let mut client = Client::connect(&stopped);
    let before = last_seen(&mut client);
    client.advance_clock(DAY_MS);
    client.post("/_sandbox/reset", &json!({})).expect_ok();
    assert_eq!(last_seen(&mut client), before);
    assert_eq!(client.advance_clock(0), "2026-01-31T09:00:00.000Z");
}
