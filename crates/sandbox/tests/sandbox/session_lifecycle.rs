//! From the watch link to the history of sessions.

use serde_json::{Value, json};
use upscope_sandbox::Sandbox;

use crate::http::{Client, path_of};
use crate::sandbox;

fn started() -> (Sandbox, Client) {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    client.post("/_sandbox/visitors", &json!({"short_id": "V", "is_online": true, "is_waiting_for_call": true})).ok();
    (sandbox, client)
}

fn open(client: &mut Client, body: &Value) -> String {
    let link = client.post("/v1.3/visitors/V/watch_url", body).ok();
    let path = path_of(&link["watch_url"]);
    let page = client.get(&path);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    path
}

fn ongoing(client: &mut Client) -> Vec<Value> {
    let answer = client.get("/v1.3/cobrowsing_sessions/list?ongoing_only=true").ok();
    answer["cobrowsing_sessions"].as_array().unwrap().clone()
}

#[test]
fn watch_open_stop_leaves_a_session_with_all_it_was_given() {
    let (_sandbox, mut client) = started();
    let metadata = json!({"ticket": "T-1", "priority": 2, "vip": true});
    open(
        &mut client,
        &json!({
            "agent": {"id": "crm-9", "name": "Joe Smith"}, "metadata": metadata,
            "permissions": {"allow_draw": false, "allow_console": true},
        }),
    );

    let running = ongoing(&mut client);
    assert_eq!(running.len(), 1);
    let session = &running[0];
    assert_eq!((&session["visitor_id"], &session["ended_at"]), (&json!("V"), &Value::Null));
    assert_eq!((&session["metadata"], &session["went_live"]), (&metadata, &json!(true)));
    assert_eq!(session["features_used"], json!(["click", "scroll", "type", "console"]));
    assert_eq!(session["agents"][0]["agent_identifier"], "crm-9");
    let visitor = client.get("/v1.3/visitors/V").ok()["visitor"].clone();
    assert_eq!((&visitor["is_in_session"], &visitor["is_waiting_for_call"]), (&json!(true), &json!(false)));
    assert_eq!(visitor["sessions"].as_array().map(Vec::len), Some(1));

    client.post("/_sandbox/clock", &json!({"advance_ms": 61_000})).ok();
    assert_eq!(client.delete("/v1.3/visitors/V/session").ok(), json!({"status": "ok"}));
    assert!(ongoing(&mut client).is_empty());
    let visitor = client.get("/v1.3/visitors/V").ok()["visitor"].clone();
    assert_eq!(visitor["is_in_session"], false);
    let ended = &visitor["sessions"][0];
    assert_eq!((&ended["id"], &ended["metadata"]), (&session["id"], &metadata));
    assert!(ended["length_seconds"].as_u64() >= Some(61) && ended["ended_at"].is_string());
    assert_eq!((&ended["formatted_length"], &ended["formatted_call_length"]), (&json!("1 minute"), &json!("-")));

    let last = client.get("/v1.3/cobrowsing_sessions/list?after_id=s_1120").ok();
    assert_eq!(last["cobrowsing_sessions"], json!([ended]));
}

#[test]
fn stopping_nothing_is_fine_and_nobody_is_not() {
    let (_sandbox, mut client) = started();
    assert_eq!(client.delete("/v1.3/visitors/V/session").ok(), json!({"status": "ok"}));
    client.delete("/v1.3/visitors/NOBODY/session").is_error(404, "not_found");
    assert_eq!(client.journal()[0]["applied"], false);
}

#[test]
fn a_second_agent_joins_the_same_session() {
    let (_sandbox, mut client) = started();
    let path = open(&mut client, &json!({"agent": {"id": "1"}, "metadata": {"first": true}}));
    assert_eq!(client.get(&path).status, 200);
    open(&mut client, &json!({"agent": {"id": "2"}, "metadata": {"second": true}}));
    let running = ongoing(&mut client);
    assert_eq!(running.len(), 1);
    let agents = running[0]["agents"].as_array().unwrap();
    let ids: Vec<&Value> = agents.iter().map(|agent| &agent["agent_identifier"]).collect();
    assert_eq!((ids, &running[0]["metadata"]), (vec![&json!("1"), &json!("2")], &json!({"first": true})));
}

#[test]
fn a_visitor_in_a_session_is_not_deleted() {
    let (_sandbox, mut client) = started();
    open(&mut client, &json!({"agent": {"id": "1"}}));
    client.post("/_sandbox/visitors", &json!({"short_id": "V", "is_online": false})).ok();
    client.delete("/v1.3/visitors/V").is_error(409, "visitor_online");
    client.delete("/v1.3/visitors?all=true").ok();
    assert_eq!(ongoing(&mut client).len(), 1);
    client.delete("/v1.3/visitors/V/session").ok();
    client.delete("/v1.3/visitors/V").ok();
    // The session outlives its visitor.
    let last = client.get("/v1.3/cobrowsing_sessions/list?after_id=s_1120").ok();
    assert_eq!(last["cobrowsing_sessions"][0]["visitor_id"], "V");
}

#[test]
fn updates_are_found_by_their_date() {
    let (_sandbox, mut client) = started();
    open(&mut client, &json!({"agent": {"id": "1"}}));
    let now = client.post("/_sandbox/clock", &json!({"advance_ms": 5_000})).ok()["now"].as_str().unwrap().to_owned();
    let updated = format!("/v1.3/cobrowsing_sessions/list?updated_after={now}");
    assert_eq!(client.get(&updated).ok()["cobrowsing_sessions"], json!([]));
    client.post("/_sandbox/clock", &json!({"advance_ms": 5_000})).ok();
    client.delete("/v1.3/visitors/V/session").ok();
    let sessions = client.get(&updated).ok()["cobrowsing_sessions"].clone();
    assert_eq!((sessions.as_array().map(Vec::len), &sessions[0]["visitor_id"]), (Some(1), &json!("V")));
}
