//! The session list: pages in both directions, and filters.

use serde_json::{Value, json};

use crate::client::Client;
use crate::start_sandbox_with;

fn page(client: &mut Client, query: &str) -> Value {
    client.get(&format!("/v1.3/cobrowsing_sessions/list?{query}")).expect_ok()
}

fn ids(page: &Value) -> Vec<String> {
    let sessions = page["cobrowsing_sessions"].as_array().unwrap();
    sessions.iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

fn expected(numbers: std::ops::RangeInclusive<usize>) -> Vec<String> {
    numbers.map(|number| format!("s_{number}")).collect()
}

#[test]
fn forward_pages_contain_every_session_once_in_order() {
    let sandbox = start_sandbox_with(25, 120);
    let mut client = Client::connect(&sandbox);
    let mut seen = Vec::new();
    let mut query = String::new();
    loop {
        let page = page(&mut client, &query);
        seen.extend(ids(&page));
        assert_eq!(page["last_id"].as_str(), seen.last().map(String::as_str));
        if page["has_more"] == false {
            break;
        }
        query = format!("after_id={}", page["last_id"].as_str().unwrap());
    }
    assert_eq!(seen, expected(1001..=1120));
    let end = page(&mut client, "after_id=s_1120");
    assert_eq!(end, json!({"status": "ok", "cobrowsing_sessions": [], "has_more": false, "last_id": null}));
}

#[test]
fn backward_pages_are_sorted_oldest_first() {
    let sandbox = start_sandbox_with(25, 120);
    let mut client = Client::connect(&sandbox);
    let first = page(&mut client, "before_id=s_1120");
    assert_eq!((ids(&first), &first["has_more"]), (expected(1070..=1119), &json!(true)));
    let second = page(&mut client, "before_id=s_1070");
    assert_eq!((ids(&second), &second["has_more"]), (expected(1020..=1069), &json!(true)));
    let third = page(&mut client, "before_id=s_1020");
    assert_eq!((ids(&third), &third["has_more"]), (expected(1001..=1019), &json!(false)));
    assert_eq!(page(&mut client, "before_id=s_1001")["last_id"], Value::Null);
}

#[test]
fn a_full_last_page_has_no_next_page() {
    let sandbox = start_sandbox_with(2, 100);
    let mut client = Client::connect(&sandbox);
    let second = page(&mut client, "after_id=s_1050");
    assert_eq!((ids(&second).len(), &second["has_more"]), (50, &json!(false)));
    let none = start_sandbox_with(0, 0);
    assert_eq!(page(&mut Client::connect(&none), "")["last_id"], Value::Null);
}

#[test]
fn both_cursors_select_the_sessions_between_them() {
    let sandbox = start_sandbox_with(2, 120);
    let mut client = Client::connect(&sandbox);
    assert_eq!(ids(&page(&mut client, "after_id=s_1010&before_id=s_1014")), expected(1011..=1013));
    let long = page(&mut client, "after_id=s_1010&before_id=s_1100");
    assert_eq!((ids(&long), &long["has_more"]), (expected(1011..=1060), &json!(true)));
    assert!(ids(&page(&mut client, "after_id=s_1014&before_id=s_1010")).is_empty());
}

#[test]
fn filters_apply_and_invalid_filters_are_refused() {
    let sandbox = start_sandbox_with(2, 120);
    let mut client = Client::connect(&sandbox);
    assert_eq!(ids(&page(&mut client, "ongoing_only=true")), expected(1119..=1120));
    assert_eq!(ids(&page(&mut client, "ongoing_only=false")).len(), 50);

    let last = page(&mut client, "after_id=s_1116");
    let ended = last["cobrowsing_sessions"][0]["ended_at"].as_str().unwrap().replace('+', "%2B");
    let updated = ids(&page(&mut client, &format!("updated_after={ended}")));
    assert!(!updated.contains(&"s_1117".to_owned()) && updated.contains(&"s_1118".to_owned()));

    for bad in [
        "ongoing_only=yes",
        "ongoing_only=1",
        "updated_after=yesterday",
        "updated_after=2024-01-01",
        "updated_after=2024-01-01T00:00:00+01:00",
    ] {
        client.get(&format!("/v1.3/cobrowsing_sessions/list?{bad}")).assert_error(422, "invalid_request");
    }
    assert!(ids(&page(&mut client, "updated_after=9999-12-31T23:59:59Z")).is_empty());
    for bad in ["after_id=s_9999", "before_id=x", "after_id="] {
        client.get(&format!("/v1.3/cobrowsing_sessions/list?{bad}")).assert_error(404, "not_found");
    }
}
