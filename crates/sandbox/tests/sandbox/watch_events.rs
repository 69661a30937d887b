//! The requests of the watch page: its settings, events, `end` and `leave`.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;
use crate::start_sandbox;

fn settings(page: &str) -> Value {
    let start = page.find(r#"id="settings">"#).expect("the settings") + r#"id="settings">"#.len();
    let end = start + page[start..].find("</script>").expect("the end of the settings");
    serde_json::from_str(&page[start..end]).expect("JSON")
}

fn states(events: &Value) -> Vec<&str> {
    events["events"].as_array().unwrap().iter().filter_map(|event| event["state"].as_str()).collect()
}

#[test]
fn the_page_has_the_settings_of_its_link() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let name = "</script><script>alert(1)</script>";
    client.put_visitor(&json!({"short_id": "V", "name": name, "ip_address": "192.0.2.7"}));
    let plain = client.create_watch_link("V", &json!({"agent": {"id": "7"}}));
    let page = client.get(&plain);
    assert!(!page.text().contains("<script>alert"));
    let found = settings(page.text());
    let visitor = &found["visitor"];
    assert_eq!((&visitor["short_id"], &visitor["name"]), (&json!("V"), &json!("</script><script>alert(1)</script>")));
    assert_eq!(found["agent"], json!({"id": "7", "name": null}));
    assert_eq!(found["branding"], json!({"naked": false, "on_end_url": null, "retry_url": null}));
    for name in ["initial_notes", "language", "viewer"] {
        assert_eq!(found[name], Value::Null, "{name}");
    }
    // The defaults are those of the API documentation.
    let default = json!({
        "allow_agent_redirect": true, "allow_audio": true, "allow_click": true, "allow_confetti": true,
        "allow_console": false, "allow_draw": true, "allow_notes": true, "allow_request_visitor_screen": true,
        "allow_scroll": true, "allow_show_agent_screen": true, "allow_type": true, "hide_private_details": false,
    });
    assert_eq!(found["permissions"], default);

    let opposite: serde_json::Map<String, Value> = default
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, granted)| (name.clone(), json!(!granted.as_bool().unwrap())))
        .collect();
    let body = json!({
        "agent": {"id": "7", "name": "Joe"}, "permissions": opposite, "initial_notes": "Hello", "language": "de",
        "branding": {"naked": "page_only", "on_end_url": "https://example.com/end", "retry_url": "https://example.com/"},
        "viewer": {"id": "8", "name": "Max"},
    });
    let path = client.create_watch_link("V", &body);
    let found = settings(client.get(&path).text());
    assert_eq!(found["visitor"], json!({"short_id": "V", "name": name}));
    for name in ["agent", "permissions", "initial_notes", "language", "branding", "viewer"] {
        assert_eq!(found[name], body[name], "{name}");
    }
    assert!(found["expiration"].as_str().is_some_and(|at| at.ends_with('Z')));
    client.post_empty(&path).expect_ok();
    assert_eq!(
        client.get("/v1.3/visitors/V").expect_ok()["visitor"]["sessions"][0]["features_used"],
        json!(["console"])
    );
}

#[test]
fn events_show_the_states_of_the_session_in_order() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V", "requires_acceptance": true}));
    let path = client.create_watch_link("V", &json!({"agent": {"id": "7"}}));
    let before = client.get(&format!("{path}/events")).expect_ok();
    assert_eq!(before["events"], json!([]));

    let started = client.post_empty(&path).expect_ok();
    assert_eq!((&started["state"], &started["session"]["went_live"]), (&json!("pendingRequest"), &json!(false)));
    let id = started["session"]["id"].as_str().unwrap().to_owned();
    let pending = client.get(&format!("{path}/events?since={}", before["next"])).expect_ok();
    assert_eq!(states(&pending), ["pendingRequest"]);
    client.post(&format!("/_sandbox/sessions/{id}/accept"), &json!({})).expect_ok();
    assert_eq!(client.post_empty(&path).expect_ok()["state"], "active");
    assert_eq!(client.session(&id)["went_live"], true);
    let ended = client.post_empty(&format!("{path}/end")).expect_ok();
    assert_eq!((&ended["state"], ended["session"]["ended_at"].is_string()), (&json!("terminated"), true));

    let later = client.get(&format!("{path}/events?since={}", pending["next"])).expect_ok();
    assert_eq!(states(&later), ["active", "terminated"]);
    assert_eq!(later["events"][1]["ended_by"], "agent");
    let numbers: Vec<u64> =
        later["events"].as_array().unwrap().iter().map(|event| event["number"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted() && numbers[0] > pending["next"].as_u64().unwrap());
    assert_eq!(later["next"].as_u64(), numbers.last().copied());
    // Ending again changes nothing.
    assert_eq!(client.post_empty(&format!("{path}/end")).expect_ok()["state"], "terminated");
    assert_eq!(client.get(&format!("{path}/events?since={}", later["next"])).expect_ok()["events"], json!([]));
}

#[test]
fn a_request_for_events_waits_for_the_next_one() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let path = client.create_watch_link("V", &json!({"agent": {"id": "7"}}));
    let mut waiting = Client::connect(&sandbox);
    let target = format!("{path}/events?wait_ms=60000");
    let started = Instant::now();
    let thread = thread::spawn(move || waiting.get(&target).expect_ok());
    client.post_empty(&path).expect_ok();
    assert_eq!(states(&thread.join().unwrap()), ["active"]);
    assert!(started.elapsed() < Duration::from_secs(10));

    let none = client.get(&format!("{path}/events?since=1000000&wait_ms=1")).expect_ok();
    assert_eq!(none["events"], json!([]));
    for query in ["wait_ms=60001", "wait_ms=-1", "since=x"] {
        client.get(&format!("{path}/events?{query}")).assert_error(422, "invalid_request");
    }
    // Polling is not in the request log.
    assert!(client.logged_requests().iter().all(|request| !request["path"].as_str().unwrap().ends_with("/events")));
}

#[test]
fn events_outlive_the_link_while_its_session_goes_on() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let used = client.open_watch_link("V", &json!({"agent": {"id": "7"}}));
    let unused = client.create_watch_link("V", &json!({"agent": {"id": "8"}}));
    client.advance_clock(400_000);
    assert_eq!(states(&client.get(&format!("{used}/events")).expect_ok()), ["active"]);
    assert_eq!(client.get(&format!("{unused}/events")).status, 410);
    for (path, status, code) in [(&used, 410, "link_expired"), (&unused, 410, "link_expired")] {
        let response = client.post_empty(path);
        assert_eq!((response.status, &response.json()["error"]), (status, &json!(code)));
        assert!(response.json()["message"].as_str().is_some_and(|message| message.contains("expired")));
    }
    client.post_empty(&format!("{used}/end")).expect_ok();
    assert_eq!(states(&client.get(&format!("{used}/events")).expect_ok()), ["active", "terminated"]);
    client.post("/_sandbox/reset", &json!({})).expect_ok();
    assert_eq!(client.get(&format!("{used}/events")).status, 404);
}

#[test]
fn the_session_ends_when_the_last_agent_leaves() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let first = client.open_watch_link("V", &json!({"agent": {"id": "1"}}));
    let second = client.open_watch_link("V", &json!({"agent": {"id": "2"}}));
    client.post_empty(&format!("{first}/leave")).expect_ok();
    assert_eq!(states(&client.get(&format!("{second}/events")).expect_ok()), ["active"]);
    client.post_empty(&format!("{second}/leave")).expect_ok();
    let events = client.get(&format!("{first}/events")).expect_ok();
    assert_eq!((states(&events), &events["events"][1]["ended_by"]), (vec!["active", "terminated"], &json!("closing")));
    client.post_empty(&format!("{second}/leave")).expect_ok();

    // The same link can start another session, whose events follow.
    let again = client.post_empty(&first).expect_ok();
    assert_eq!((&again["state"], &again["session"]["agents"][0]["agent_identifier"]), (&json!("active"), &json!("1")));
    let events = client.get(&format!("{first}/events?since={}", events["next"])).expect_ok();
    assert_eq!(states(&events), ["active"]);
}

#[test]
fn a_link_without_a_session_cannot_end_one() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let path = client.create_watch_link("V", &json!({"agent": {"id": "1"}}));
    assert_eq!(client.post_empty(&format!("{path}/end")).status, 409);
    client.post_empty(&format!("{path}/leave")).expect_ok();
    for (method, rest, status) in [
        ("GET", "/end", 405),
        ("POST", "/events", 405),
        ("GET", "/nothing", 404),
        ("POST", "/end/more", 404),
        ("DELETE", "", 405),
    ] {
        let response = client.call(method, &format!("{path}{rest}"), &[("Content-Length", "0")], b"").unwrap();
        assert_eq!(response.status, status, "{method} {rest}");
    }
    for rest in ["", "/end", "/leave"] {
        assert_eq!(client.post_empty(&format!("/session/unknown{rest}")).status, 404, "{rest}");
    }
}
