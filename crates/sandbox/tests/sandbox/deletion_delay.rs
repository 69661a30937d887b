//! The setting that delays the deletion of all visitors.

use serde_json::{Value, json};

use crate::client::Client;
use crate::start_sandbox_with;

#[test]
fn all_visitors_are_deleted_when_the_clock_reaches_the_end_of_the_delay() {
    let sandbox = start_sandbox_with(0, 0);
    let mut client = Client::connect(&sandbox);
    for (id, is_online) in [("OFFLINE", false), ("LEAVES", true), ("COMES", false), ("STAYS", true)] {
        client.put_visitor(&json!({"short_id": id, "is_online": is_online}));
    }
    let changed = client.post("/_sandbox/settings", &json!({"deletion_delay_ms": 180_000})).expect_ok();
    assert_eq!(changed["settings"], json!({"deletion_delay_ms": 180_000}));
    client.delete("/v1.3/visitors?all=true").expect_ok();
    assert_eq!(client.logged_requests()[0]["applied"], true);
    client.advance_clock(120_000);
    client.get("/v1.3/visitors/OFFLINE").expect_ok();

    client.put_visitor(&json!({"short_id": "LEAVES", "is_online": false}));
    client.put_visitor(&json!({"short_id": "COMES", "is_online": true}));
    client.put_visitor(&json!({"short_id": "LATER"}));
    client.advance_clock(60_000);
    let mut is_there = |id: &str| client.get(&format!("/v1.3/visitors/{id}")).status == 200;
    let there: Vec<&str> =
        ["OFFLINE", "LEAVES", "COMES", "STAYS", "LATER"].into_iter().filter(|id| is_there(id)).collect();
    assert_eq!(there, ["COMES", "STAYS", "LATER"]);
}

fn visitor_ids(client: &mut Client) -> Vec<Value> {
    let listed = client.get("/v1.3/list").expect_ok();
    listed["visitors"].as_array().unwrap().iter().map(|visitor| visitor["short_id"].clone()).collect()
}

#[test]
fn a_reset_restores_the_setting_and_forgets_pending_deletions() {
    let sandbox = start_sandbox_with(3, 0);
    let mut client = Client::connect(&sandbox);
    let before = visitor_ids(&mut client);
    client.post("/_sandbox/settings", &json!({"deletion_delay_ms": 1_000})).expect_ok();
    client.delete("/v1.3/visitors?all=true").expect_ok();
    client.post("/_sandbox/reset", &json!({})).expect_ok();
    assert_eq!(client.get("/_sandbox/settings").expect_ok()["settings"], json!({"deletion_delay_ms": 0}));
    client.advance_clock(60_000);
    assert_eq!(visitor_ids(&mut client), before);
    for (body, part) in [
        (json!({"deletion_delay": 1}), "deletion_delay is unknown; did you mean deletion_delay_ms?"),
        (json!({"deletion_delay_ms": -1}), "whole number"),
        (json!({"deletion_delay_ms": 3_600_001}), "more than 3600000"),
    ] {
        let response = client.post("/_sandbox/settings", &body);
        assert!(response.status == 400 && response.text().contains(part), "{}", response.text());
    }
}
