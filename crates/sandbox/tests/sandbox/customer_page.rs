//! The requests of `sdk.js` in a customer's page.

use std::thread;

use serde_json::{Value, json};

use crate::client::{Client, Response};
use crate::start_sandbox;

/// Connects a page. Returns the response.
fn connect(client: &mut Client, more: Value) -> Value {
    let mut body = json!({"url": "https://shop.example.com/", "title": "Shop", "device_type": "desktop"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.sdk("connect", &body).expect_ok()
}

fn visitor(client: &mut Client, connected: &Value) -> Value {
    let target = format!("/v1.3/visitors/{}", connected["short_id"].as_str().unwrap());
    client.get(&target).expect_ok()["visitor"].clone()
}

fn poll(client: &mut Client, key: &Value, since: &Value) -> Value {
    client.sdk("poll", &json!({"visitor_key": key, "since": since})).expect_ok()
}

fn kinds(events: &Value) -> Vec<&str> {
    events["events"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect()
}

fn assert_error(response: &Response, status: u16, code: &str, part: &str) {
    assert_eq!(response.status, status, "{}", response.text());
    let body = response.json();
    assert_eq!(body["error"], code);
    assert!(body["message"].as_str().is_some_and(|message| message.contains(part)), "{body}");
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn a_page_of_any_origin_becomes_a_visitor() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let headers = [("Origin", "https://shop.example.com"), ("Content-Type", "application/json")];
    let body = json!({
        "unique_id": "user-1", "identities": ["Zoë", "zoe@example.com"], "tags": ["#vip"], "call_name": "Z",
        "url": "https://shop.example.com/cart", "title": "Cart", "device_type": "mobile", "browser_name": "Firefox",
    });
    let response = client.call("POST", "/_sandbox/sdk/connect", &headers, body.to_string().as_bytes()).unwrap();
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    let connected = response.expect_ok();
    assert_eq!(connected["lookup_code"].as_str().map(str::len), Some(4));
    assert_eq!(connected["visitor_key"].as_str().map(str::len), Some(36));

    let code = connected["lookup_code"].as_str().unwrap();
    let found = client.get(&format!("/v1.3/list?search={code}")).expect_ok()["visitors"].clone();
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    assert_eq!(found[0], visitor(&mut client, &connected));
    for (name, value) in [
        ("short_id", connected["short_id"].clone()),
        ("unique_id", json!("user-1")),
        ("identities", json!(["Zoë", "zoe@example.com"])),
        ("name", json!("Zoë")),
        ("email", json!("zoe@example.com")),
        ("tags", json!(["#vip"])),
        ("call_name", json!("Z")),
        ("last_url", json!("https://shop.example.com/cart")),
        ("device_type", json!("mobile")),
        ("browser_name", json!("Firefox")),
        ("is_online", json!(true)),
    ] {
        assert_eq!(found[0][name], value, "{name}");
    }
    assert!(found[0].get("title").is_none() && found[0].get("visitor_key").is_none());

    // The next page of the same visitor, and a change on it.
    let next = json!({"visitor_key": connected["visitor_key"], "url": "https://shop.example.com/pay"});
    assert_eq!(client.sdk("connect", &next).expect_ok(), connected);
    client.sdk("update", &json!({"visitor_key": connected["visitor_key"], "tags": []})).expect_ok();
    let changed = visitor(&mut client, &connected);
    assert_eq!((&changed["last_url"], &changed["tags"]), (&json!("https://shop.example.com/pay"), &json!([])));
    assert_eq!(changed["unique_id"], "user-1");
    let cleared = json!({"visitor_key": connected["visitor_key"], "unique_id": null, "identities": null, "tags": null});
    client.sdk("update", &cleared).expect_ok();
    let changed = visitor(&mut client, &connected);
    for name in ["unique_id", "identities", "email", "name"] {
        assert_eq!(changed[name], Value::Null, "{name}");
    }
    assert_eq!(changed["tags"], json!([]));
}

#[test]
fn only_the_customers_side_skips_the_checks_of_the_control_interface() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let evil = [("Origin", "https://evil.example")];
    let script = client.call("GET", "/_sandbox/sdk.js", &evil, b"").unwrap();
    assert_eq!((script.status, script.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    assert!(script.text().contains("Upscope"));
    let preflight = client.call("OPTIONS", "/_sandbox/sdk/poll", &evil, b"").unwrap();
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, Some("*")));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("content-type"));
    assert!(preflight.header("access-control-allow-methods").is_some_and(|methods| methods.contains("POST")));
    for (method, target) in [
        ("OPTIONS", "/_sandbox/reset"),
        ("POST", "/_sandbox/reset"),
        ("GET", "/_sandbox/sdk"),
        ("GET", "/_sandbox/sdk.json"),
        ("GET", "/_sandbox/requests"),
    ] {
        let response = client.call(method, target, &evil, b"").unwrap();
        assert_eq!((response.status, response.header("access-control-allow-origin")), (403, None), "{method} {target}");
    }
    // A web page can also give the sandbox a domain of its own.
    client.send_bytes(b"GET /_sandbox/sdk.js HTTP/1.1\r\nHost: evil.example\r\n\r\n").unwrap();
    assert_eq!(client.read_response("GET").unwrap().status, 200);
    assert_eq!(client.get("/_sandbox/sdk/connect").status, 405);
    assert_error(&client.sdk("reset", &json!({})), 404, "not_found", "/connect");
    assert!(client.logged_requests().is_empty());
}

#[test]
fn a_visitor_accepts_shows_its_page_and_ends_the_session() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let connected = connect(&mut client, json!({"requires_acceptance": true}));
    let (key, short_id) = (connected["visitor_key"].clone(), connected["short_id"].as_str().unwrap().to_owned());
    let link = client.create_watch_link(&short_id, &json!({"agent": {"id": "1", "name": "Joe"}}));
    let before = poll(&mut client, &key, &json!(0));
    assert_eq!(before["events"], json!([]));

    let mut page = Client::connect(&sandbox);
    let request = json!({"visitor_key": key, "since": before["next"], "wait_ms": 60_000});
    let waiting = thread::spawn(move || page.sdk("poll", &request).expect_ok());
    let started = client.post_empty(&link).expect_ok();
    let requested = waiting.join().unwrap();
    assert_eq!(kinds(&requested), ["session_requested"]);
    let event = &requested["events"][0];
    assert_eq!((&event["session_id"], &event["agent_name"]), (&started["session"]["id"], &json!("Joe")));

    let body = |more: Value| {
        let mut body = json!({"visitor_key": key, "session_id": started["session"]["id"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let picture =
        |title: &str| body(json!({"page": {"url": "u", "title": title, "scroll_x": 0, "tree": [1, {"a": "<b>"}]}}));
    assert_error(&client.sdk("snapshot", &picture("early")), 409, "conflict", "not active");
    client.sdk("answer", &body(json!({"accept": true}))).expect_ok();
    assert_error(&client.sdk("answer", &body(json!({"accept": true}))), 409, "conflict", "not pending");
    let accepted = poll(&mut client, &key, &requested["next"]);
    assert_eq!(kinds(&accepted), ["session_started"]);

    for title in ["one", "two"] {
        client.sdk("snapshot", &picture(title)).expect_ok();
    }
    let seen = client.get(&format!("{link}/events")).expect_ok();
    let types: Vec<&Value> = seen["events"].as_array().unwrap().iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["state", "state", "snapshot"]);
    assert_eq!(seen["events"][2]["page"], picture("two")["page"]);
    let since = seen["next"].clone();
    assert_eq!(client.get(&format!("{link}/events?since={since}")).expect_ok()["events"], json!([]));

    client.sdk("end", &body(json!({}))).expect_ok();
    let seen = client.get(&format!("{link}/events?since={since}")).expect_ok();
    assert_eq!((&seen["events"][0]["ended_by"], seen["events"].as_array().map(Vec::len)), (&json!("visitor"), Some(1)));
    assert_eq!(kinds(&poll(&mut client, &key, &accepted["next"])), ["session_ended"]);
    // A page that opens now hears nothing of the session that has ended.
    assert_eq!(poll(&mut client, &key, &json!(0))["events"], json!([]));
    assert_error(&client.sdk("end", &body(json!({}))), 409, "conflict", "ended (by visitor)");
}

#[test]
fn a_visitor_can_decline() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let connected = connect(&mut client, json!({"requires_acceptance": true}));
    let link = client.open_watch_link(connected["short_id"].as_str().unwrap(), &json!({"agent": {"id": "1"}}));
    let events = poll(&mut client, &connected["visitor_key"], &json!(0));
    let session_id = &events["events"][0]["session_id"];
    let body = json!({"visitor_key": connected["visitor_key"], "session_id": session_id, "accept": false});
    client.sdk("answer", &body).expect_ok();
    let seen = client.get(&format!("{link}/events")).expect_ok();
    assert_eq!(seen["events"][1]["ended_by"], "declined");
}

#[test]
fn a_page_cannot_do_anything_to_others() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let victim = connect(&mut client, json!({"unique_id": "victim"}));
    let other = connect(&mut client, json!({}));
    let link = client.open_watch_link(victim["short_id"].as_str().unwrap(), &json!({"agent": {"id": "1"}}));
    let session_id = poll(&mut client, &victim["visitor_key"], &json!(0))["events"][0]["session_id"].clone();
    let of_other = json!({"visitor_key": other["visitor_key"], "session_id": session_id});
    assert_error(&client.sdk("end", &of_other), 404, "not_found", "session");
    for key in [json!("guess"), victim["short_id"].clone(), victim["lookup_code"].clone()] {
        let body = json!({"visitor_key": key, "session_id": session_id});
        assert_error(&client.sdk("end", &body), 404, "unknown_visitor", "connect again");
        for name in ["poll", "update", "disconnect"] {
            assert_error(&client.sdk(name, &json!({"visitor_key": key})), 404, "unknown_visitor", "connect again");
        }
    }
    // With a key that the sandbox does not know, a page becomes a new visitor.
    let guessed = connect(&mut client, json!({"visitor_key": victim["short_id"]}));
    assert_ne!((&guessed["short_id"], &guessed["visitor_key"]), (&victim["short_id"], &victim["short_id"]));
    assert_eq!(poll(&mut client, &other["visitor_key"], &json!(0))["events"], json!([]));
    assert_eq!(client.get(&format!("{link}/events")).expect_ok()["events"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_page_that_is_closed_is_offline_but_its_session_goes_on() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let connected = connect(&mut client, json!({}));
    client.open_watch_link(connected["short_id"].as_str().unwrap(), &json!({"agent": {"id": "1"}}));
    client.sdk("disconnect", &json!({"visitor_key": connected["visitor_key"]})).expect_ok();
    let offline = visitor(&mut client, &connected);
    assert_eq!((&offline["is_online"], &offline["is_in_session"]), (&json!(false), &json!(true)));
    // The next page of the same website.
    connect(&mut client, json!({"visitor_key": connected["visitor_key"]}));
    let online = visitor(&mut client, &connected);
    assert_eq!((&online["is_online"], &online["is_in_session"]), (&json!(true), &json!(true)));
    assert_eq!(kinds(&poll(&mut client, &connected["visitor_key"], &json!(0))), ["session_started"]);
    client.post("/_sandbox/reset", &json!({})).expect_ok();
    assert_eq!(client.sdk("poll", &json!({"visitor_key": connected["visitor_key"]})).status, 404);
}

#[test]
fn invalid_requests_of_a_page_are_explained() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let key = connect(&mut client, json!({}))["visitor_key"].clone();
    for (name, body, part) in [
        ("connect", json!([]), "not an object"),
        ("connect", json!({"tags": "x"}), "tags is a string, not a list of strings"),
        ("connect", json!({"identities": [1]}), "identities"),
        ("connect", json!({"url": 1}), "url is a number"),
        ("connect", json!({"title": 1}), "title is a number"),
        ("connect", json!({"requires_acceptance": 1}), "requires_acceptance is a number"),
        ("connect", json!({"short_id": "V"}), "short_id is unknown"),
        ("update", json!({"visitor_key": key, "tags": 1}), "tags is a number"),
        ("poll", json!({}), "visitor_key is missing"),
        ("poll", json!({"visitor_key": key, "wait_ms": 60_001}), "wait_ms"),
        ("poll", json!({"visitor_key": key, "since": "x"}), "since is a string"),
        ("answer", json!({"visitor_key": key, "session_id": "s_1"}), "accept is missing"),
        ("answer", json!({"visitor_key": key, "accept": true}), "session_id is missing"),
        ("snapshot", json!({"visitor_key": key, "session_id": "s_1"}), "page is missing"),
        (
            "snapshot",
            json!({"visitor_key": key, "session_id": "s_1", "page": {"width": "1"}}),
            "page.width is a string",
        ),
    ] {
        assert_error(&client.sdk(name, &body), 400, "bad_request", part);
    }
    let not_json = client.call("POST", "/_sandbox/sdk/connect", &[], b"{").unwrap();
    assert_error(&not_json, 400, "bad_request", "not JSON");
    let large = json!({"visitor_key": key, "session_id": "s_1", "page": {"title": "x".repeat(1 << 20)}});
    assert_error(&client.sdk("snapshot", &large), 413, "body_too_large", "1 MB");
}
