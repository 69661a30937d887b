//! The ways in which a session ends. Each of them is reported once to each webhook.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Client;
use crate::start_sandbox;
use crate::webhook_receiver::{is_idle, listen, receive};

const TWO_HOURS_MS: u64 = 7_200_000;

/// Ends the session, given the path of its watch link and its id.
type End = fn(&mut Client, &str, &str);

/// Who ended the session, as its watch page hears it.
fn ended_by(client: &mut Client, link: &str) -> Value {
    let events = client.get(&format!("{link}/events")).expect_ok();
    events["events"].as_array().unwrap().last().expect("an event")["ended_by"].clone()
}

fn visitor(client: &mut Client) -> Value {
    client.get("/v1.3/visitors/V").expect_ok()["visitor"].clone()
}

#[test]
fn every_end_sends_one_webhook() {
    let (listener, url) = listen();
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let ways: [(&str, End); 9] = [
        ("agent", |client, link, _| drop(client.post_empty(&format!("{link}/end")).expect_ok())),
        ("closing", |client, link, _| drop(client.post_empty(&format!("{link}/leave")).expect_ok())),
        ("api", |client, _, _| drop(client.delete("/v1.3/visitors/V/session").expect_ok())),
        ("timeout", |client, _, _| drop(client.advance_clock(TWO_HOURS_MS))),
        ("agent", |client, _, id| drop(client.post(&format!("/_sandbox/sessions/{id}/end"), &json!({})).expect_ok())),
        ("visitor", |client, _, id| {
            let body = json!({"by": "visitor", "call_seconds": 90});
            let ended = client.post(&format!("/_sandbox/sessions/{id}/end"), &body).expect_ok();
            assert_eq!(ended["session"]["call_length_seconds"], 90);
            assert_eq!(ended["session"]["formatted_call_length"], "1 minute");
        }),
        ("timeout", |client, _, id| {
            client.post(&format!("/_sandbox/sessions/{id}/end"), &json!({"by": "timeout"})).expect_ok();
        }),
        ("declined", |client, _, id| {
            let response = client.post(&format!("/_sandbox/sessions/{id}/decline"), &json!({})).expect_ok();
            assert_eq!(response["session"]["went_live"], false);
        }),
        ("api", |client, _, _| drop(client.delete("/_sandbox/visitors/V").expect_ok())),
    ];
    for (by, end) in ways {
        client.put_visitor(&json!({"short_id": "V", "requires_acceptance": by == "declined"}));
        let link = client.open_watch_link("V", &json!({"agent": {"id": "1"}, "webhook_url": url}));
        let id =
            visitor(&mut client)["sessions"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
        end(&mut client, &link, &id);
        assert_eq!(ended_by(&mut client, &link), by);
        let body = receive(&listener).body;
        assert_eq!((&body["id"], &body), (&json!(id), &client.session(&id)), "{by}");
        assert!(body["ended_at"].is_string());
        assert!(is_idle(&listener), "{by}: more than one request");
    }
}

#[test]
fn a_pending_session_times_out_after_a_minute_and_an_active_one_after_two_hours() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V", "requires_acceptance": true}));
    let link = client.open_watch_link("V", &json!({"agent": {"id": "1"}}));
    client.advance_clock(50_000);
    assert_eq!(ended_by(&mut client, &link), Value::Null);
    client.advance_clock(3_600_000);
    assert_eq!(ended_by(&mut client, &link), "timeout");
    // The session ended when its time was up, not when somebody looked.
    let session = visitor(&mut client)["sessions"][0].clone();
    assert_eq!((&session["length_seconds"], &session["went_live"]), (&json!(60), &json!(false)));

    client.put_visitor(&json!({"short_id": "V", "requires_acceptance": false}));
    let link = client.open_watch_link("V", &json!({"agent": {"id": "1"}}));
    client.advance_clock(TWO_HOURS_MS - 60_000);
    assert_eq!((ended_by(&mut client, &link), &visitor(&mut client)["is_in_session"]), (Value::Null, &json!(true)));
    client.advance_clock(60_000);
    assert_eq!(ended_by(&mut client, &link), "timeout");
    let visitor = visitor(&mut client);
    assert_eq!((&visitor["is_in_session"], &visitor["sessions"][1]["length_seconds"]), (&json!(false), &json!(7200)));
}

/// The webhook arrives although no request follows.
#[test]
fn a_timeout_needs_no_request() {
    let (listener, url) = listen();
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V", "requires_acceptance": true}));
    client.open_watch_link("V", &json!({"agent": {"id": "1"}, "webhook_url": url}));
    // The rest of the minute passes in real time.
    let left = Duration::from_millis(500);
    client.advance_clock(60_000 - left.as_millis() as u64);
    assert_eq!(receive(&listener).body["length_seconds"], 60);
}

#[test]
fn sessions_under_way_at_the_start_time_out_too() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let running = |client: &mut Client| {
        let usage = client.get("/v1.3/usage").expect_ok();
        let listed = client.get("/v1.3/cobrowsing_sessions/list?ongoing_only=true").expect_ok();
        let sessions = listed["cobrowsing_sessions"].as_array().unwrap().clone();
        assert_eq!(usage["usage"]["session_counts"]["now"], sessions.len());
        for session in &sessions {
            let visitor =
                client.get(&format!("/v1.3/visitors/{}", session["visitor_id"].as_str().unwrap())).expect_ok();
            assert_eq!(visitor["visitor"]["is_in_session"], true);
            assert_eq!(visitor["visitor"]["is_online"], true);
        }
        sessions.len()
    };
    assert_eq!(running(&mut client), 3);
    client.advance_clock(TWO_HOURS_MS);
    assert_eq!(running(&mut client), 0);
    client.post("/_sandbox/reset", &json!({})).expect_ok();
    assert_eq!(running(&mut client), 3);
}
