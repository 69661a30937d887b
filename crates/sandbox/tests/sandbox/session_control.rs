//! The control interface adds agents and sessions, answers and ends sessions, and deletes visitors.

use serde_json::{Value, json};

use crate::client::Client;
use crate::{start_sandbox, start_sandbox_with};

fn ids(client: &mut Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/v1.3/cobrowsing_sessions/list?{query}")).expect_ok();
    let sessions = page["cobrowsing_sessions"].as_array().unwrap();
    sessions.iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn agents_are_added_and_found() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let user = client.post("/_sandbox/agents", &json!({"email": "New@Acme.example", "name": "New"})).expect_ok();
    assert_eq!(user["status"], "ok");
    assert_eq!((&user["agent"]["email"], &user["agent"]["sessions"]), (&json!("New@Acme.example"), &json!([])));
    let found = client.get("/v1.3/agents/lookup?email=new@acme.example").expect_ok();
    assert_eq!(found["agent"], user["agent"]);
    let external = client.post("/_sandbox/agents", &json!({"external_id": "ext-9", "name": "Ext"})).expect_ok();
    assert_eq!(external["agent"]["agent_identifier"], "ext-9");
    let renamed = client.post("/_sandbox/agents", &json!({"external_id": "ext-9", "name": "Other"})).expect_ok();
    assert_eq!((&renamed["agent"]["id"], &renamed["agent"]["name"]), (&external["agent"]["id"], &json!("Other")));
    for (body, part) in [
        (json!([]), "not an object"),
        (json!({}), "email"),
        (json!({"email": "a@b.co", "external_id": "1"}), "email"),
        (json!({"email": 1}), "email is a number"),
        (json!({"external_id": ""}), "external_id"),
        (json!({"email": "a@b.co", "name": []}), "name is a list"),
        (json!({"emial": "a@b.co"}), "emial is unknown"),
    ] {
        client.assert_refused("/_sandbox/agents", &body, 400, part);
    }
}

#[test]
fn a_session_starts_for_a_visitor() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V", "is_waiting_for_call": true}));
    let body = json!({"visitor_id": "V", "agent": {"id": "crm-1", "name": "Joe"}, "metadata": {"ticket": "T"}});
    let started = client.post("/_sandbox/sessions", &body).expect_ok();
    let session = &started["session"];
    assert_eq!(
        (&started["status"], &session["id"], &session["went_live"]),
        (&json!("ok"), &json!("s_1121"), &json!(true))
    );
    assert_eq!((&session["metadata"], &session["agents"][0]["name"]), (&json!({"ticket": "T"}), &json!("Joe")));
    let visitor = client.get("/v1.3/visitors/V").expect_ok()["visitor"].clone();
    assert_eq!((&visitor["is_in_session"], &visitor["is_waiting_for_call"]), (&json!(true), &json!(false)));
    client.assert_refused("/_sandbox/sessions", &body, 409, "s_1121");
    client.post("/_sandbox/sessions/s_1121/end", &json!({})).expect_ok();

    // An agent can also be named by its id of the API, or left out.
    let known = client.post("/_sandbox/sessions", &json!({"visitor_id": "V", "agent": {"id": "u_2001"}})).expect_ok();
    assert_eq!(known["session"]["agents"][0]["id"], "u_2001");
    client.post("/_sandbox/sessions/s_1122/end", &json!({})).expect_ok();
    let alone = client.post("/_sandbox/sessions", &json!({"visitor_id": "V", "pending": true})).expect_ok();
    assert_eq!((&alone["session"]["agents"], &alone["session"]["went_live"]), (&json!([]), &json!(false)));
    assert_eq!(client.get("/v1.3/visitors/V").expect_ok()["visitor"]["is_in_session"], false);
}

#[test]
fn a_session_starts_for_a_watch_url() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let link = json!({"agent": {"id": "1"}, "metadata": {"a": 1}});
    let created = client.post("/v1.3/visitors/V/watch_url", &link).expect_ok();
    let body = json!({"watch_url": created["watch_url"], "metadata": {"b": 2}, "pending": true});
    let session = client.post("/_sandbox/sessions", &body).expect_ok()["session"].clone();
    assert_eq!((&session["visitor_id"], &session["metadata"]), (&json!("V"), &json!({"b": 2})));
    assert_eq!((&session["agents"][0]["agent_identifier"], &session["went_live"]), (&json!("1"), &json!(false)));
    client.advance_clock(300_000);
    client.assert_refused("/_sandbox/sessions", &json!({"watch_url": created["watch_url"]}), 410, "expired");
    client.assert_refused("/_sandbox/sessions", &json!({"watch_url": "http://127.0.0.1/session/x"}), 404, "watch link");
}

#[test]
fn a_session_that_started_earlier_is_listed_by_its_start() {
    let sandbox = start_sandbox_with(25, 120);
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let middle = client.session("s_1110")["started_at"].as_str().unwrap().to_owned();
    let mut add = |started_at: &str| {
        let body = json!({"visitor_id": "V", "agent": {"id": "crm-1"}, "started_at": started_at});
        let started = client.post("/_sandbox/sessions", &body).expect_ok();
        let id = started["session"]["id"].as_str().unwrap().to_owned();
        client.post(&format!("/_sandbox/sessions/{id}/end"), &json!({"call_seconds": 5})).expect_ok();
        id
    };
    let (first, oldest) = (add(&middle), add("2020-01-01T00:00:00Z"));
    assert_eq!((first.as_str(), oldest.as_str()), ("s_1121", "s_1122"));

    assert_eq!(ids(&mut client, "")[0], oldest);
    // Of two sessions with the same start, the one with the lower number comes first.
    assert_eq!(ids(&mut client, "after_id=s_1109")[..3], ["s_1110", "s_1121", "s_1111"]);
    assert_eq!(ids(&mut client, "after_id=s_1121")[0], "s_1111");
    assert_eq!(ids(&mut client, "before_id=s_1121").last().map(String::as_str), Some("s_1110"));
    assert_eq!(ids(&mut client, "before_id=s_1122"), Vec::<String>::new());
    let mut all = Vec::new();
    loop {
        let page = ids(&mut client, &all.last().map_or(String::new(), |last| format!("after_id={last}")));
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    assert_eq!(all.len(), 122);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 122);
    let listed = |owner: &Value| -> Vec<Value> {
        owner["sessions"].as_array().unwrap().iter().map(|session| session["id"].clone()).collect()
    };
    let visitor = client.get("/v1.3/visitors/V").expect_ok()["visitor"].clone();
    let agent = client.get("/v1.3/agents/lookup?external_id=crm-1").expect_ok()["agent"].clone();
    assert_eq!(
        (listed(&visitor), listed(&agent)),
        (vec![json!(oldest), json!(first)], vec![json!(oldest), json!(first)])
    );
}

/// Only the time in which the sandbox knows the session counts for the timeout.
#[test]
fn a_session_that_started_earlier_does_not_time_out_at_once() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    client.post("/_sandbox/sessions", &json!({"visitor_id": "V", "started_at": "2020-01-01T00:00:00Z"})).expect_ok();
    client.advance_clock(7_000_000);
    let visitor = client.get("/v1.3/visitors/V").expect_ok()["visitor"].clone();
    assert_eq!((&visitor["is_in_session"], &visitor["sessions"][0]["ended_at"]), (&json!(true), &Value::Null));
}

#[test]
fn invalid_sessions_are_refused() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    for (body, status, part) in [
        (json!({}), 400, "visitor_id is missing"),
        (json!({"visitor_id": 1}), 400, "visitor_id is a number"),
        (json!({"visitor_id": "V", "watch_url": "x"}), 400, "not both"),
        (json!({"visitor_id": "V", "agent": "1"}), 400, "agent is a string"),
        (json!({"visitor_id": "V", "agent": {}}), 400, "agent.id is missing"),
        (json!({"visitor_id": "V", "agent": {"id": "1", "nam": "x"}}), 400, "agent.nam is unknown"),
        (json!({"visitor_id": "V", "metadata": {"a": []}}), 400, "metadata.a is a list"),
        (json!({"visitor_id": "V", "webhook_url": "ftp://x"}), 400, "webhook_url"),
        (json!({"visitor_id": "V", "started_at": "yesterday"}), 400, "started_at"),
        (json!({"visitor_id": "V", "started_at": "2999-01-01T00:00:00Z"}), 400, "started_at"),
        (json!({"visitor_id": "V", "pending": "yes"}), 400, "pending is a string"),
        (json!({"visitor_id": "V", "ended_at": "x"}), 400, "ended_at is unknown"),
        (json!({"visitor_id": "W"}), 404, "\"W\""),
    ] {
        client.assert_refused("/_sandbox/sessions", &body, status, part);
    }
    assert_eq!(client.get("/v1.3/visitors/V").expect_ok()["visitor"]["sessions"], json!([]));
}

#[test]
fn a_session_is_answered_and_ended_only_in_the_right_state() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    client.post("/_sandbox/sessions", &json!({"visitor_id": "V", "pending": true})).expect_ok();
    let at = |action: &str| format!("/_sandbox/sessions/s_1121/{action}");
    let accepted = client.post_empty(&at("accept")).expect_ok();
    assert_eq!((&accepted["status"], &accepted["session"]["went_live"]), (&json!("ok"), &json!(true)));
    assert_eq!(client.get("/v1.3/visitors/V").expect_ok()["visitor"]["is_in_session"], true);
    client.assert_refused(&at("accept"), &json!({}), 409, "not pending, it is active");
    client.assert_refused(&at("decline"), &json!({}), 409, "not pending, it is active");
    for (body, part) in [
        (json!({"by": "nobody"}), "by is \"nobody\""),
        (json!({"by": 1}), "by is a number"),
        (json!({"call_seconds": -1}), "call_seconds"),
        (json!({"call_seconds": 1.5}), "call_seconds"),
        (json!({"call_seconds": u64::MAX}), "call_seconds"),
        (json!({"why": "x"}), "why is unknown"),
        (json!([]), "not an object"),
    ] {
        client.assert_refused(&at("end"), &body, 400, part);
    }
    let ended = client.post(&at("end"), &json!({"by": "timeout", "call_seconds": 61})).expect_ok()["session"].clone();
    assert_eq!((&ended["call_length_seconds"], ended["ended_at"].is_string()), (&json!(61), true));
    client.assert_refused(&at("end"), &json!({}), 409, "ended (by timeout)");
    client.assert_refused(&at("accept"), &json!({}), 409, "ended (by timeout)");
    for action in ["accept", "decline", "end"] {
        client.assert_refused(&format!("/_sandbox/sessions/s_9999/{action}"), &json!({}), 404, "s_9999");
        assert_eq!(client.get(&at(action)).status, 405, "{action}");
    }
}

#[test]
fn a_visitor_is_deleted_in_every_state() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "a/b", "is_online": true}));
    let link = client.create_watch_link("a%2Fb", &json!({"agent": {"id": "1"}}));
    client.post_empty(&link).expect_ok();
    assert_eq!(client.delete("/_sandbox/visitors/a%2Fb").expect_ok(), json!({"status": "ok"}));
    client.get("/v1.3/visitors/a%2Fb").assert_error(404, "not_found");
    assert!(client.session("s_1121")["ended_at"].is_string());
    assert_eq!(client.post_empty(&link).status, 404);
    let missing = client.delete("/_sandbox/visitors/a%2Fb");
    assert_eq!(missing.status, 404);
    assert!(missing.json()["message"].as_str().is_some_and(|message| message.contains("a/b")));
    assert_eq!(client.get("/_sandbox/visitors/V").status, 405);
}

#[test]
fn the_types_of_documented_attributes_are_checked() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for (name, value, part) in [
        ("name", json!(1), "name is a number, not a string"),
        ("lookup_code", json!(42), "lookup_code is a number"),
        ("identities", json!("a"), "identities is a string, not a list of strings"),
        ("tags", json!([1]), "tags is a list, not a list of strings"),
        ("is_online", json!("true"), "is_online is a string"),
        ("last_seen_at", json!("today"), "last_seen_at"),
        ("added_at", json!(5), "added_at is a number"),
        ("requires_acceptance", json!(null), "requires_acceptance is null"),
    ] {
        let body = json!({"short_id": "V", name: value});
        client.assert_refused("/_sandbox/visitors", &body, 400, part);
    }
    assert_eq!(client.get("/v1.3/visitors/V").status, 404);
    let nulls = json!({"short_id": "V", "name": null, "tags": null, "is_online": null, "last_seen_at": null});
    let visitor = client.put_visitor(&nulls);
    assert_eq!((&visitor["tags"], &visitor["is_online"]), (&Value::Null, &Value::Null));
    assert!(visitor.get("requires_acceptance").is_none());
    let visitor = client.put_visitor(&json!({"short_id": "V", "requires_acceptance": true}));
    assert!(visitor.get("requires_acceptance").is_none());
}
