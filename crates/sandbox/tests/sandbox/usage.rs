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
    assert_eq!(usage["visitors"]["last_24_hrs"], 0);
}
