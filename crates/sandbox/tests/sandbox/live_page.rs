//! `GET /`, the live page; what it polls, `GET /_sandbox/overview`; and `GET /openapi.json`.

use serde_json::{Value, json};

use crate::client::Client;
use crate::{start_sandbox, start_sandbox_with};

/// The values of a member of each element.
fn all<'a>(list: &'a Value, name: &str) -> Vec<&'a Value> {
    list.as_array().expect("a list").iter().map(|element| &element[name]).collect()
}

#[test]
fn the_page_and_the_openapi_document_are_not_logged() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let page = client.get("/?anything");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.text().contains("visitor-list") && !page.text().contains("{script}"));
    for target in ["/", "/openapi.json"] {
        assert_eq!(client.call("HEAD", target, &[], b"").unwrap().status, 200);
        client.call("POST", target, &[], b"").unwrap().assert_error(404, "not_found");
    }
    let response = client.call("GET", "/openapi.json", &[("Origin", "https://docs.example")], b"").unwrap();
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    let document = response.expect_ok();
    assert_eq!(document["servers"], json!([{"url": sandbox.base_url()}]));
    assert!(document["paths"]["/usage"]["get"].is_object());
    assert!(client.logged_requests().iter().all(|request| request["method"] == "POST"));
}

#[test]
fn the_overview_lists_the_latest_visitors_and_the_ongoing_sessions_first() {
    let sandbox = start_sandbox_with(25, 0);
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "NEW", "name": "Zo\u{eb}", "is_online": true}));
    let listed = client.get("/v1.3/list").expect_ok();
    let overview = client.get("/_sandbox/overview?visitors=10&sessions=3").expect_ok();
    assert_eq!(all(&overview["visitors"], "short_id"), all(&listed["visitors"], "short_id"));
    assert_eq!((&overview["visitor_count"], &overview["more_visitors"]), (&json!(26), &json!(true)));
    assert_eq!(overview["visitors"][0]["sessions"], Value::Null);
    assert_eq!((&overview["base_url"], &overview["advanced_ms"]), (&json!(sandbox.base_url()), &json!(0)));
    assert_eq!(overview["sessions"], json!([]));

    client.put_visitor(&json!({"short_id": "OTHER"}));
    client.open_watch_link("NEW", &json!({"agent": {"id": "1"}}));
    client.open_watch_link("OTHER", &json!({"agent": {"id": "1"}}));
    client.delete("/v1.3/visitors/OTHER/session").expect_ok();
    client.advance_clock(1000);
    let overview = client.get("/_sandbox/overview?sessions=2").expect_ok();
    assert_eq!(all(&overview["sessions"], "visitor_id"), [&json!("NEW"), &json!("OTHER")]);
    assert_eq!(all(&overview["sessions"], "visitor_name"), [&json!("Zo\u{eb}"), &Value::Null]);
    assert_eq!((&overview["ongoing_count"], &overview["advanced_ms"]), (&json!(1), &json!(1000)));
}

#[test]
fn the_overview_has_the_search_of_the_visitor_list() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for search in ["online", "-online", "%23vip", "nobody-at-all"] {
        let listed = client.get(&format!("/v1.3/list?search={search}")).expect_ok();
        let overview = client.get(&format!("/_sandbox/overview?visitors=10&search={search}")).expect_ok();
        assert_eq!(all(&overview["visitors"], "short_id"), all(&listed["visitors"], "short_id"), "{search}");
    }
    for (query, part) in
        [("visitors=x", "visitors is \"x\""), ("sessions=1001", "from 0 to 1000"), ("visitors=-1", "-1")]
    {
        let refused = client.get(&format!("/_sandbox/overview?{query}"));
        assert!(refused.status == 400 && refused.text().contains(&part.replace('"', "\\\"")), "{}", refused.text());
    }
    let refused = client.call("POST", "/_sandbox/overview", &[], b"").unwrap();
    assert_eq!((refused.status, refused.header("allow")), (405, Some("GET")));
}

#[test]
fn the_overview_counts_the_requests_in_the_log() {
    let sandbox = start_sandbox_with(0, 0);
    let mut client = Client::connect(&sandbox);
    let summary = |client: &mut Client| client.get("/_sandbox/overview").expect_ok()["requests"].clone();
    let empty = summary(&mut client);
    assert_eq!((&empty["count"], &empty["newest"]), (&json!(0), &json!(0)));
    client.get("/v1.3/usage");
    client.get("/v1.3/usage");
    let two = summary(&mut client);
    assert_eq!((&two["count"], &two["oldest"], &two["newest"]), (&json!(2), &json!(1), &json!(2)));
    assert_eq!(two["epoch"], empty["epoch"]);
    client.delete("/_sandbox/requests").expect_ok();
    let cleared = summary(&mut client);
    assert_eq!((&cleared["count"], &cleared["newest"]), (&json!(0), &json!(0)));
    assert_ne!(cleared["epoch"], two["epoch"]);
}

#[test]
fn the_overview_shows_the_faults_that_are_left() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.set_faults(&json!([{"status": 500}, null, {"delay_ms": 1}]));
    client.get("/v1.3/usage");
    let overview = client.get("/_sandbox/overview").expect_ok();
    assert_eq!((&overview["faults"], &overview["fault_count"]), (&json!([null, {"delay_ms": 1}]), &json!(2)));
    client.set_faults(&json!(vec![json!({"delay_ms": 1}); 150]));
    let overview = client.get("/_sandbox/overview").expect_ok();
    assert_eq!((overview["faults"].as_array().map(Vec::len), &overview["fault_count"]), (Some(100), &json!(150)));
}
