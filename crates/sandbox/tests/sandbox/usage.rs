//! Statistics follow the state.

use serde_json::json;

use crate::http::{Client, path_of};
use crate::{sandbox, sandbox_of};

const DAY_MS: u64 = 86_400_000;

#[test]
fn every_number_is_there() {
    let sandbox = sandbox();
    let answer = Client::to(&sandbox).get("/v1.3/usage").ok();
    assert_eq!(answer["status"], "ok");
    let usage = &answer["usage"];
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
fn a_session_counts_while_it_runs_and_ages_afterwards() {
    let sandbox = sandbox_of(1, 0);
    let mut client = Client::to(&sandbox);
    let id = client.get("/v1.3/list").ok()["visitors"][0]["short_id"].as_str().unwrap().to_owned();
    let link = client.post(&format!("/v1.3/visitors/{id}/watch_url"), &json!({"agent": {"id": "1"}})).ok();
    client.get(&path_of(&link["watch_url"]));
    client.post("/_sandbox/clock", &json!({"advance_ms": 90_000})).ok();
    let usage = client.get("/v1.3/usage").ok()["usage"].clone();
    assert_eq!(usage["session_counts"], json!({"last_30_days": 1, "now": 1, "today": 1}));
    assert_eq!(usage["agents"], json!({"last_30_days": 1, "today": 1}));
    assert!(usage["session_seconds"]["today"].as_u64() >= Some(90));

    client.delete(&format!("/v1.3/visitors/{id}/session")).ok();
    client.post("/_sandbox/clock", &json!({"advance_ms": 2 * DAY_MS})).ok();
    let usage = client.get("/v1.3/usage").ok()["usage"].clone();
    assert_eq!(usage["session_counts"], json!({"last_30_days": 1, "now": 0, "today": 0}));
    assert_eq!(usage["visitors"]["last_24_hrs"], 0);
}
