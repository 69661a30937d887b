//! Faults as rules.

use serde_json::{Value, json};

use crate::client::Client;
use crate::start_sandbox;

#[test]
fn rules_apply_by_operation_method_and_path_until_they_are_replaced() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "a/b"}));
    client.set_faults(&json!([
        {"match": {"operation": "list_visitors"}, "status": 503, "headers": {"Retry-After": 1}},
        {"match": {"path": "/visitors/{id}", "method": "GET"}, "times": 2, "status": 500},
        {"status": 418},
    ]));
    for _ in 0..3 {
        let listed = client.get("/v1.3/list?search=online");
        assert_eq!((listed.status, listed.header("retry-after")), (503, Some("1")));
    }
    let statuses: Vec<u16> = (0..3).map(|_| client.get("/v1.3/visitors/a%2Fb").status).collect();
    assert_eq!(statuses, [500, 500, 418]);
    client.get("/v1.3/usage").expect_ok();
    assert_eq!(client.delete("/v1.3/list").status, 405);

    let shown = client.get("/_sandbox/faults").expect_ok();
    assert_eq!((&shown["rules"][0]["used"], &shown["rules"][1]["used"]), (&json!(3), &json!(2)));
    assert_eq!(shown["list"], json!([]));
    let requests = client.logged_requests();
    assert_eq!(requests[0]["fault"]["match"], json!({"operation": "list_visitors"}));
    assert_eq!((&requests[5]["fault"], &requests[6]["fault"]), (&json!({"status": 418}), &Value::Null));
    client.set_faults(&json!([]));
    client.get("/v1.3/list").expect_ok();
}

#[test]
fn a_rate_limit_uses_the_clock_of_the_sandbox() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.set_faults(&json!([{"match": {}, "per_minute": 3}, {"status": 500}]));
    for _ in 0..5 {
        let mut stranger = Client::connect(&sandbox).with_key("wrong");
        assert_eq!(stranger.get("/v1.3/usage").status, 401);
    }
    for round in 0..2 {
        for _ in 0..3 {
            client.get("/v1.3/usage").expect_ok();
        }
        let limited = client.get("/v1.3/visitors/NOBODY");
        limited.assert_error(429, "too_many_requests");
        let retry_after: u64 = limited.header("retry-after").unwrap().parse().unwrap();
        assert!((50..=60).contains(&retry_after), "{retry_after}");
        assert_eq!(client.logged_requests()[8 + 4 * round]["fault"], json!({"match": {}, "per_minute": 3}));
        client.advance_clock(retry_after * 1_000);
    }
}

#[test]
fn a_rate_selects_the_same_requests_each_time() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let mut statuses = || {
        client.set_faults(&json!([{"match": {"operation": "get_usage"}, "rate": 0.3, "status": 503}]));
        (0..100).map(|_| client.get("/v1.3/usage").status).collect::<Vec<u16>>()
    };
    let first = statuses();
    assert!((15..45).contains(&first.iter().filter(|status| **status == 503).count()));
    assert_eq!(statuses(), first);
}

#[test]
fn an_invalid_rule_is_explained_and_changes_nothing() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.set_faults(&json!([{"match": {}, "status": 503}]));
    let response =
        client.post("/_sandbox/faults", &json!([{}, {}, {"match": {"operation": "list_vistors"}, "status": 500}]));
    let expected = "fault 3: match.operation is \"list_vistors\"; did you mean list_visitors?";
    assert_eq!((response.status, &response.json()["error"]), (400, &json!(expected)));
    assert_eq!(client.get("/v1.3/usage").status, 503);
}
