//! Usage statistics.

use serde_json::json;

use crate::client::Client;
use crate::{start_sandbox, start_sandbox_with};

const DAY_MS: u64 = 86_400_000;

#[test]
fn usage_has_every_documented_number() {
    let sandbox = start_sandbox();
    let response = Client::connect(&sandbox).get("/v1.3/usage").expect_ok();
    assert_eq!(response["status"], "ok");
    let usage = &response["usage"];
    for path in [
        "/agents/last_30_days",
        "/agents/today",
        "/session_counts/last_30_days",
        "/session_counts/now",
        "/session_counts/today",
        "/session_seconds/last_30_days",
        "/session_seconds/today",
        "/visitors/last_24_hrs",
        "/visitors/online_now",
    ] {
        assert!(usage.pointer(path).is_some_and(serde_json::Value::is_u64), "{path}");
    }
    assert_eq!(usage["visitors"]["online_now"], 10);
    assert!(usage["session_counts"]["last_30_days"].as_u64() > usage["session_counts"]["today"].as_u64());
}

#[test]
fn ongoing_and_past_sessions_are_counted_by_age() {
    let sandbox = start_sandbox_with(1, 0);
    let mut client = Client::connect(&sandbox);
    let id = client.get("/v1.3/list").expect_ok()["visitors"][0]["short_id"].as_str().unwrap().to_owned();
    client.open_watch_link(&id, &json!({"agent": {"id": "1"}}));
    client.advance_clock(90_000);
    let usage = client.get("/v1.3/usage").expect_ok()["usage"].clone();
    assert_eq!(usage["session_counts"], json!({"last_30_days": 1, "now": 1, "today": 1}));
    assert_eq!(usage["agents"], json!({"last_30_days": 1, "today": 1}));
    assert!(usage["session_seconds"]["today"].as_u64() >= Some(90));

    client.delete(&format!("/v1.3/visitors/{id}/session")).expect_ok();
    client.advance_clock(2 * DAY_MS);
    let usage = client.get("/v1.3/usage").expect_ok()["usage"].clone();
    assert_eq!(usage["session_counts"], json!({"last_30_days": 1, "now": 0, "today": 0}));
    // The visitor is still online.
    assert_eq!(usage["visitors"], json!({"last_24_hrs": 1, "online_now": 1}));
    client.put_visitor(&json!({"short_id": id, "is_online": false}));
    assert_eq!(visitor_counts(&mut client), (1, 0));
    client.advance_clock(DAY_MS + 1);
    assert_eq!(visitor_counts(&mut client), (0, 0));
}

/// The visitors of the last 24 hours, and those who are online.
fn visitor_counts(client: &mut Client) -> (u64, u64) {
    let visitors = client.get("/v1.3/usage").expect_ok()["usage"]["visitors"].clone();
    (visitors["last_24_hrs"].as_u64().unwrap(), visitors["online_now"].as_u64().unwrap())
}

#[test]
fn visitors_are_counted_consistently_at_any_time() {
    let sandbox = start_sandbox_with(200, 0);
    let mut client = Client::connect(&sandbox);
    let (at_the_start, online) = visitor_counts(&mut client);
    assert!(at_the_start > online, "some visitors were seen in the last 24 hours and are offline");
    for _ in 0..4 {
        client.advance_clock(DAY_MS / 2);
        let (recent, still_online) = visitor_counts(&mut client);
        assert!(still_online == online && (online..=at_the_start).contains(&recent), "{recent}");
    }
    assert_eq!(visitor_counts(&mut client), (online, online));
    client.put_visitor(&json!({"short_id": "NEW"}));
    client.put_visitor(&json!({"short_id": "NEW 2", "is_online": true}));
    assert_eq!(visitor_counts(&mut client), (online + 2, online + 1));
    client.delete("/v1.3/visitors?all=true").expect_ok();
    assert_eq!(visitor_counts(&mut client), (online + 1, online + 1));
    client.post("/_sandbox/reset", &json!({})).expect_ok();
    assert_eq!(visitor_counts(&mut client), (at_the_start, online));
}
