//! The state in and out: through the control interface, and in a file.

use serde_json::{Value, json};
use upscope_sandbox::{Options, Sandbox};

use crate::client::{Client, wait_until};
use crate::{start_sandbox, start_sandbox_with};

fn state(client: &mut Client) -> String {
    client.get("/_sandbox/state").expect_ok();
    client.get("/_sandbox/state").text().to_owned()
}

fn put(client: &mut Client, state: &str) -> crate::client::Response {
    client.call("PUT", "/_sandbox/state", &[("Content-Type", "application/json")], state.as_bytes()).unwrap()
}

/// Uses everything that a state has.
fn use_everything(client: &mut Client) {
    let agent = json!({"agent": {"id": "1", "name": "Zoë"}, "metadata": {"a": 1.5, "b": true},
        "webhook_url": "http://127.0.0.1:9/hook?x=1", "permissions": {"allow_console": true},
        "branding": {"naked": "page_only"}, "initial_notes": "</script>"});
    client
        .put_visitor(&json!({"short_id": "ASKS", "is_online": true, "requires_acceptance": true, "future": [1.0, {}]}));
    client.put_visitor(&json!({"short_id": "GONE"}));
    client.delete("/_sandbox/visitors/GONE").expect_ok();
    client.open_watch_link("ASKS", &agent);
    client.create_watch_link("ASKS", &agent);
    client.put_visitor(&json!({"short_id": "ACTIVE"}));
    client.post("/_sandbox/sessions", &json!({"visitor_id": "ACTIVE", "agent": {"id": "u_2001"}})).expect_ok();
    client.post("/_sandbox/agents", &json!({"email": "New@acme.example"})).expect_ok();
    let page = json!({"url": "https://shop.example.com/", "title": "Shop", "device_type": "desktop",
        "browser_name": "Firefox", "requires_acceptance": false});
    let connected = client.post("/_sandbox/sdk/connect", &page).expect_ok();
    client.open_watch_link(connected["short_id"].as_str().unwrap(), &agent);
    client.set_faults(&json!([
        {"delay_ms": 1},
        {"match": {"operation": "lookup_agent"}, "times": 1, "rate": 0.9, "status": 200, "headers": {"b": 1, "a": "x"}},
        null,
        {"match": {"path": "/agents/lookup"}, "per_minute": 2},
    ]));
    for _ in 0..3 {
        client.get("/v1.3/agents/lookup?email=nobody@acme.example");
    }
    client.post("/_sandbox/settings", &json!({"deletion_delay_ms": 60_000})).expect_ok();
    client.post("/_sandbox/webhooks", &json!({"attempts": 2, "wait_ms": 7})).expect_ok();
    client.advance_clock(1_500);
}

#[test]
fn faults_and_deletions_go_on_where_they_were_saved() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    client.set_faults(&json!([
        {"match": {"operation": "get_visitor"}, "rate": 0.5, "status": 500},
        {"match": {"operation": "get_usage"}, "times": 2, "status": 501},
        {"match": {"operation": "list_visitors"}, "per_minute": 1},
        {"status": 502},
    ]));
    let visitor_statuses = |client: &mut Client| [(); 12].map(|()| client.get("/v1.3/visitors/V").status);
    visitor_statuses(&mut client);
    assert_eq!(client.get("/v1.3/usage").status, 501);
    client.get("/v1.3/list").expect_ok();
    let saved = state(&mut client);
    let expected = visitor_statuses(&mut client);

    client.post("/_sandbox/reset", &json!({})).expect_ok();
    put(&mut client, &saved).expect_ok();
    assert_eq!(visitor_statuses(&mut client), expected);
    assert_eq!([client.get("/v1.3/usage").status, client.get("/v1.3/list").status], [501, 429]);
    // No rule is left for this operation, so it uses the list.
    assert_eq!([client.get("/v1.3/usage").status, client.get("/v1.3/usage").status], [502, 200]);

    // A deletion that was on its way ends after the state is loaded.
    client.set_faults(&json!([]));
    client.post("/_sandbox/settings", &json!({"deletion_delay_ms": 60_000})).expect_ok();
    client.delete("/v1.3/visitors?all=true").expect_ok();
    let saved = state(&mut client);
    client.post("/_sandbox/reset", &json!({})).expect_ok();
    put(&mut client, &saved).expect_ok();
    client.get("/v1.3/visitors/V").expect_ok();
    client.advance_clock(60_000);
    client.get("/v1.3/visitors/V").assert_error(404, "not_found");
}

#[test]
fn a_round_trip_gives_the_same_bytes() {
    for (visitors, sessions) in [(0, 0), (25, 120)] {
        let sandbox = start_sandbox_with(visitors, sessions);
        let mut client = Client::connect(&sandbox);
        use_everything(&mut client);
        let before = state(&mut client);
        let sessions = client.get("/v1.3/cobrowsing_sessions/list?ongoing_only=false").body;
        let usage = client.get("/v1.3/usage").expect_ok()["usage"]["session_counts"].clone();
        client.post("/_sandbox/reset", &json!({})).expect_ok();
        assert_ne!(state(&mut client), before);
        put(&mut client, &before).expect_ok();
        assert_eq!(state(&mut client), before);
        assert_eq!(client.get("/v1.3/usage").expect_ok()["usage"]["session_counts"], usage);
        if visitors > 0 {
            assert!(client.get("/v1.3/cobrowsing_sessions/list?ongoing_only=false").body == sessions);
        }

        // Another process continues from it.
        let other = start_sandbox_with(1, 1);
        let mut client = Client::connect(&other);
        put(&mut client, &before).expect_ok();
        assert_eq!(state(&mut client), before);
    }
}

#[test]
fn a_loaded_state_works_on() {
    let sandbox = start_sandbox_with(0, 0);
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V", "requires_acceptance": true, "tags": ["vip"], "email": "v@x.example"}));
    let path = client.create_watch_link("V", &json!({"agent": {"id": "1"}}));
    let opened = client.post(&path, &json!({})).expect_ok();
    assert_eq!(opened["state"], "pendingRequest");
    let saved = state(&mut client);
    client.post("/_sandbox/reset", &json!({})).expect_ok();
    put(&mut client, &saved).expect_ok();

    for search in ["%23VIP", "V@x.example"] {
        let found = client.get(&format!("/v1.3/list?search={search}")).expect_ok();
        assert_eq!(found["visitors"][0]["short_id"], "V", "{search}");
    }
    let id = opened["session"]["id"].as_str().unwrap();
    client.post(&format!("/_sandbox/sessions/{id}/accept"), &json!({})).expect_ok();
    let events = client.get(&format!("{path}/events?since=0")).expect_ok();
    let states: Vec<&Value> = events["events"].as_array().unwrap().iter().map(|event| &event["state"]).collect();
    assert_eq!(states, ["pendingRequest", "active"]);
    client.post(&format!("{path}/end"), &json!({})).expect_ok();
    client.put_visitor(&json!({"short_id": "W"}));
    let session = client.post("/_sandbox/sessions", &json!({"visitor_id": "W"})).expect_ok();
    assert_eq!(session["session"]["id"], "s_1002");
}

#[test]
fn a_small_state_written_by_hand_is_enough() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let written = json!({
        "agents": [{"id": "u_2001", "email": "a@b.example"}],
        "visitors": [{"short_id": "V", "is_online": true}],
        "sessions": [
            {"id": "s_1001", "visitor_id": "X", "state": "ended", "started_at": "2026-01-01T10:00:00+01:00", "agents": ["u_2001"]},
            {"id": "s_1002", "visitor_id": "V", "state": "active", "started_at": "2026-01-01T09:30:00Z"},
        ],
    });
    put(&mut client, &written.to_string()).expect_ok();
    let visitor = client.get("/v1.3/visitors/V").expect_ok()["visitor"].clone();
    assert_eq!((visitor.get("email"), &visitor["sessions"][0]["id"]), (None, &json!("s_1002")));
    let listed = client.get("/v1.3/cobrowsing_sessions/list").expect_ok()["cobrowsing_sessions"].clone();
    assert_eq!(listed[0]["started_at"], "2026-01-01T10:00:00.000+01:00");
    assert_eq!(listed[0]["agents"][0]["email"], "a@b.example");
    let usage = client.get("/v1.3/usage").expect_ok()["usage"]["visitors"].clone();
    assert_eq!(usage, json!({"last_24_hrs": 1, "online_now": 1}));
    let saved = state(&mut client);
    put(&mut client, &saved).expect_ok();
    assert_eq!(state(&mut client), saved);
}

#[test]
fn a_refused_state_changes_nothing_and_the_message_names_the_path() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    use_everything(&mut client);
    let before = state(&mut client);
    let valid: Value = serde_json::from_str(&before).unwrap();
    let active = valid["sessions"].as_array().unwrap().iter().position(|session| session["visitor_id"] == "ACTIVE");
    let active = format!("/sessions/{}", active.unwrap());
    for (pointer, value, part) in [
        ("/deletions/delay_ms".to_owned(), json!(3_600_001), "deletions.delay_ms is 3600001, not from 0 to 3600000"),
        ("/webhook_retries/attempts".to_owned(), json!(0), "webhook_retries.attempts is 0, not from 1 to 100"),
        ("/faults/list".to_owned(), json!([{}, {"statsu": 1}]), "faults.list: fault 2: statsu is unknown"),
        (
            "/faults/list".to_owned(),
            json!([{"match": {}}]),
            "faults.list: a fault with a match belongs to faults.rules",
        ),
        (
            "/faults/rules".to_owned(),
            json!([{"definition": {"status": 500}}]),
            "faults.rules: every rule has a match; the others belong to faults.list",
        ),
        (
            "/sessions/3/agents/0".to_owned(),
            json!(5),
            "sessions[3].agents[0]: invalid type: integer `5`, expected a string",
        ),
        (
            "/sessions/3/agents/0".to_owned(),
            json!("u_1"),
            "sessions[3].agents[0] is \"u_1\", but there is no such agent",
        ),
        (
            "/sessions/3/started_at".to_owned(),
            json!("today"),
            "sessions[3].started_at: \"today\" is not an RFC 3339 date",
        ),
        ("/sessions/3/state_since".to_owned(), json!("2001-01-01T00:00:00Z"), "sessions[3].state_since is before"),
        ("/sessions/3/id".to_owned(), json!("s_7"), "sessions[3].id is \"s_7\", not \"s_1004\""),
        ("/sessions/3/metadata".to_owned(), json!({"a": []}), "sessions[3].metadata.a is not a string"),
        ("/sessions/3/features_used".to_owned(), json!(["fly"]), "sessions[3].features_used[0] is \"fly\", not one of"),
        ("/sessions/3/webhook_urls".to_owned(), json!(["ftp://x"]), "sessions[3].webhook_urls[0] is"),
        ("/sessions/3/links".to_owned(), json!(["x"]), "sessions[3].links[0] is not the token"),
        ("/sessions/3/colour".to_owned(), json!(1), "sessions[3].colour: unknown field `colour`"),
        (format!("{active}/ended_by"), json!("agent"), ".ended_by is given, but the session has not ended"),
        (format!("{active}/visitor_id"), json!("NOBODY"), ".visitor_id is \"NOBODY\", but there is no such visitor"),
        (format!("{active}/visitor_id"), json!("ASKS"), ".visitor_id is \"ASKS\", who is in an earlier session"),
        ("/visitors/2".to_owned(), json!([]), "visitors[2] is a list, not an object"),
        ("/visitors/2/name".to_owned(), json!(7), "visitors[2].name is a number, not a string"),
        ("/visitors/2/added_at".to_owned(), json!("now"), "visitors[2].added_at is \"now\", not an RFC 3339 date"),
        ("/visitors/2/short_id".to_owned(), Value::Null, "visitors[2].short_id is null"),
        ("/visitors/2/short_id".to_owned(), valid["visitors"][0]["short_id"].clone(), "visitors[2].short_id is"),
        ("/visitors/2/sessions".to_owned(), json!([]), "visitors[2].sessions cannot be set"),
        ("/agents/1/email".to_owned(), valid["agents"][0]["email"].clone(), "agents[1].email is"),
        ("/agents/1/id".to_owned(), json!("u_9"), "agents[1].id is \"u_9\", not \"u_2002\""),
        ("/watch_links/0/agent".to_owned(), json!("u_9"), "watch_links[0].agent is \"u_9\""),
        ("/watch_links/0/session".to_owned(), json!("s_9"), "watch_links[0].session is \"s_9\""),
        (
            "/watch_links/0/permissions/fly".to_owned(),
            json!(true),
            "watch_links[0].permissions.fly is not a permission",
        ),
        (
            "/watch_links/0/token".to_owned(),
            valid["watch_links"][1]["token"].clone(),
            "watch_links[1].token is the same",
        ),
        ("/customer_pages/key".to_owned(), json!("NOBODY"), "customer_pages: there is no visitor \"NOBODY\""),
        ("/clock/offset_ms".to_owned(), json!(-1), "clock.offset_ms: -1 is not from 0"),
        ("/version".to_owned(), json!(2), "version is 2, not 1"),
    ] {
        let mut changed = valid.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match changed.pointer_mut(parent).unwrap() {
            Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
            object => object[name] = value,
        }
        let response = put(&mut client, &changed.to_string());
        let error = response.json()["error"].as_str().unwrap_or_default().to_owned();
        assert!(response.status == 400 && error.contains(part), "{pointer}: {}", response.text());
    }
    for text in ["", "[]", "{}x", "{\"visitors\": [{]}"] {
        assert_eq!(put(&mut client, text).status, 400, "{text}");
    }
    assert_eq!(client.post("/_sandbox/state", &json!({})).status, 405);
    assert_eq!(state(&mut client), before);
}

fn start_with_file(path: &std::path::Path) -> std::io::Result<Sandbox> {
    Sandbox::start(Options { state: Some(path.to_owned()), ..Options::default() })
}

#[test]
fn a_file_keeps_the_state_between_two_starts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let sandbox = start_with_file(&path).unwrap();
    let mut client = Client::connect(&sandbox);
    assert!(!path.exists());
    use_everything(&mut client);
    client.post("/_sandbox/save", &json!({})).expect_ok();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), state(&mut client));
    client.put_visitor(&json!({"short_id": "LATE"}));
    let before = state(&mut client);
    sandbox.stop().unwrap();

    let again = start_with_file(&path).unwrap();
    let mut client = Client::connect(&again);
    assert_eq!(state(&mut client), before);
    client.delete("/_sandbox/visitors/LATE").expect_ok();
    drop(again);
    let saved = std::fs::read_to_string(&path).unwrap();
    assert!(!saved.contains("LATE"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");

    std::fs::write(&path, &saved[..saved.len() / 2]).unwrap();
    let error = start_with_file(&path).unwrap_err().to_string();
    assert!(error.contains("state.json is not a state: "), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), saved[..saved.len() / 2], "a bad file stays as it is");
    let error = start_with_file(folder.path()).unwrap_err().to_string();
    assert!(error.contains("cannot read the state"), "{error}");
}

#[test]
fn a_state_that_cannot_be_written_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone").join("state.json");
    let sandbox = start_with_file(&path).unwrap();
    let mut client = Client::connect(&sandbox);
    let response = client.post("/_sandbox/save", &json!({}));
    assert_eq!(response.status, 500);
    assert!(response.json()["message"].as_str().unwrap().contains("cannot write the state to"), "{}", response.text());
    assert!(sandbox.stop().unwrap_err().to_string().contains("cannot write the state to"));

    let without_file = start_sandbox();
    let response = Client::connect(&without_file).post("/_sandbox/save", &json!({}));
    assert!(response.status == 400 && response.text().contains("--state FILE"), "{}", response.text());
}

#[test]
fn visitors_come_and_go_only_if_asked_to() {
    let live = Sandbox::start(Options { live: true, ..Options::default() }).unwrap();
    let still = start_sandbox();
    let (mut client, mut still) = (Client::connect(&live), Client::connect(&still));
    let (before, still_before) = (state(&mut client), state(&mut still));
    let mut changes = 0;
    let mut last = before;
    wait_until(|| {
        let now = state(&mut client);
        changes += usize::from(now != last);
        last = now;
        changes == 2
    });
    assert_eq!(state(&mut still), still_before);
}
