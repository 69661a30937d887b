//! A session from the watch link to the session list.

use serde_json::{Value, json};
use upscope_sandbox::Sandbox;

use crate::client::Client;
use crate::start_sandbox;

fn start_with_visitor() -> (Sandbox, Client) {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V", "is_online": true, "is_waiting_for_call": true}));
    (sandbox, client)
}

/// The ongoing sessions of the visitor. Other sessions are under way since the start.
fn ongoing(client: &mut Client) -> Vec<Value> {
    let response = client.get("/v1.3/cobrowsing_sessions/list?ongoing_only=true").expect_ok();
    let all = response["cobrowsing_sessions"].as_array().unwrap();
    all.iter().filter(|session| session["visitor_id"] == "V").cloned().collect()
}

#[test]
fn a_session_keeps_what_its_watch_link_requested() {
    let (_sandbox, mut client) = start_with_visitor();
    let metadata = json!({"ticket": "T-1", "priority": 2, "vip": true});
    client.open_watch_link(
        "V",
        &json!({
            "agent": {"id": "crm-9", "name": "Joe Smith"}, "metadata": metadata,
            "permissions": {"allow_draw": false, "allow_console": true},
        }),
    );

    let ongoing_sessions = ongoing(&mut client);
    assert_eq!(ongoing_sessions.len(), 1);
    let session = &ongoing_sessions[0];
    assert_eq!((&session["visitor_id"], &session["ended_at"]), (&json!("V"), &Value::Null));
    assert_eq!((&session["metadata"], &session["went_live"]), (&metadata, &json!(true)));
    assert_eq!(session["features_used"], json!(["click", "scroll", "type", "console"]));
    assert_eq!(session["agents"][0]["agent_identifier"], "crm-9");
    let visitor = client.get("/v1.3/visitors/V").expect_ok()["visitor"].clone();
    assert_eq!((&visitor["is_in_session"], &visitor["is_waiting_for_call"]), (&json!(true), &json!(false)));
    assert_eq!(visitor["sessions"].as_array().map(Vec::len), Some(1));

    client.advance_clock(61_000);
    assert_eq!(client.delete("/v1.3/visitors/V/session").expect_ok(), json!({"status": "ok"}));
    assert!(ongoing(&mut client).is_empty());
    let visitor = client.get("/v1.3/visitors/V").expect_ok()["visitor"].clone();
    assert_eq!(visitor["is_in_session"], false);
    let ended = &visitor["sessions"][0];
    assert_eq!((&ended["id"], &ended["metadata"]), (&session["id"], &metadata));
    assert!(ended["length_seconds"].as_u64() >= Some(61) && ended["ended_at"].is_string());
    assert_eq!((&ended["formatted_length"], &ended["formatted_call_length"]), (&json!("1 minute"), &json!("-")));

    let last = client.get("/v1.3/cobrowsing_sessions/list?after_id=s_1120").expect_ok();
    assert_eq!(last["cobrowsing_sessions"], json!([ended]));
}

#[test]
fn stopping_succeeds_without_a_session_but_not_without_a_visitor() {
    let (_sandbox, mut client) = start_with_visitor();
    assert_eq!(client.delete("/v1.3/visitors/V/session").expect_ok(), json!({"status": "ok"}));
    client.delete("/v1.3/visitors/NOBODY/session").assert_error(404, "not_found");
    assert_eq!(client.logged_requests()[0]["applied"], false);
}

#[test]
fn a_second_agent_joins_the_same_session() {
    let (_sandbox, mut client) = start_with_visitor();
    let path = client.open_watch_link("V", &json!({"agent": {"id": "1"}, "metadata": {"first": true}}));
    let page = client.get(&path);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    client.open_watch_link("V", &json!({"agent": {"id": "2"}, "metadata": {"second": true}}));
    let ongoing_sessions = ongoing(&mut client);
    assert_eq!(ongoing_sessions.len(), 1);
    let agents = ongoing_sessions[0]["agents"].as_array().unwrap();
    let ids: Vec<&Value> = agents.iter().map(|agent| &agent["agent_identifier"]).collect();
    assert_eq!((ids, &ongoing_sessions[0]["metadata"]), (vec![&json!("1"), &json!("2")], &json!({"first": true})));
}

#[test]
fn a_visitor_in_a_session_cannot_be_deleted() {
    let (_sandbox, mut client) = start_with_visitor();
    client.open_watch_link("V", &json!({"agent": {"id": "1"}}));
    client.put_visitor(&json!({"short_id": "V", "is_online": false}));
    client.delete("/v1.3/visitors/V").assert_error(409, "visitor_online");
    client.delete("/v1.3/visitors?all=true").expect_ok();
    assert_eq!(ongoing(&mut client).len(), 1);
    client.delete("/v1.3/visitors/V/session").expect_ok();
    client.delete("/v1.3/visitors/V").expect_ok();
    // The session is kept after its visitor is deleted.
    let last = client.get("/v1.3/cobrowsing_sessions/list?after_id=s_1120").expect_ok();
    assert_eq!(last["cobrowsing_sessions"][0]["visitor_id"], "V");
}

#[test]
fn updated_after_selects_changed_sessions() {
    let (_sandbox, mut client) = start_with_visitor();
    client.open_watch_link("V", &json!({"agent": {"id": "1"}}));
    let now = client.advance_clock(5_000);
    let updated = format!("/v1.3/cobrowsing_sessions/list?updated_after={now}");
    assert_eq!(client.get(&updated).expect_ok()["cobrowsing_sessions"], json!([]));
    client.advance_clock(5_000);
    client.delete("/v1.3/visitors/V/session").expect_ok();
    let sessions = client.get(&updated).expect_ok()["cobrowsing_sessions"].clone();
    assert_eq!((sessions.as_array().map(Vec::len), &sessions[0]["visitor_id"]), (Some(1), &json!("V")));
}
