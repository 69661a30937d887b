//! Watch links: creating, expiring and opening them.

use serde_json::{Value, json};

use crate::client::Client;
use crate::start_sandbox;

fn create_link(client: &mut Client, body: &Value) -> Value {
    client.post("/v1.3/visitors/V/watch_url", body).expect_ok()
}

#[test]
fn creating_a_link_does_not_start_a_session() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let body = json!({"agent": {"id": "1"}});
    let (first, second) = (create_link(&mut client, &body), create_link(&mut client, &body));
    let url = first["watch_url"].as_str().unwrap();
    let token = url.strip_prefix(&format!("http://127.0.0.1:{}/session/", sandbox.port())).unwrap();
    assert_eq!(token.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert_ne!(first["watch_url"], second["watch_url"]);
    assert!(first["expiration"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert_eq!(client.get("/v1.3/visitors/V").expect_ok()["visitor"]["is_in_session"], false);
}

#[test]
fn a_link_expires_after_five_minutes() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let path = client.create_watch_link("V", &json!({"agent": {"id": "1"}}));
    client.advance_clock(300_000);
    let expired = client.get(&path);
    assert_eq!((expired.status, expired.header("content-type")), (410, Some("text/html; charset=utf-8")));
    assert_eq!(client.get("/v1.3/visitors/V").expect_ok()["visitor"]["is_in_session"], false);
    assert_eq!(client.get("/session/a964e00a-c685-4d54-98d4-ea0bcb154d57").status, 404);
}

#[test]
fn only_post_starts_the_session_and_no_key_is_needed() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let path = client.create_watch_link("V", &json!({"agent": {"id": "1"}}));
    client.key = None;
    for method in ["HEAD", "GET"] {
        let page = client.call(method, &path, &[], b"").unwrap();
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    }
    assert_eq!(client.call("PUT", &path, &[], b"").unwrap().status, 405);
    let mut api = Client::connect(&sandbox);
    assert_eq!(api.get("/v1.3/visitors/V").expect_ok()["visitor"]["is_in_session"], false);

    let started = client.post_empty(&path).expect_ok();
    assert_eq!((&started["status"], &started["state"]), (&json!("ok"), &json!("active")));
    let visitor = api.get("/v1.3/visitors/V").expect_ok()["visitor"].clone();
    assert_eq!((&visitor["is_in_session"], &visitor["sessions"][0]), (&json!(true), &started["session"]));
}

#[test]
fn the_link_of_a_deleted_visitor_is_not_found() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let path = client.create_watch_link("V", &json!({"agent": {"id": "1"}}));
    client.delete("/v1.3/visitors/V").expect_ok();
    assert_eq!(client.get(&path).status, 404);
}

#[test]
fn accepts_a_request_with_every_key() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    create_link(
        &mut client,
        &json!({
            "agent": {"id": "1", "name": "Zoë"},
            "branding": {"naked": "page_only", "on_end_url": null, "retry_url": "https://example.com/retry"},
            "initial_notes": "…", "language": "de", "metadata": {"a": "b", "c": 1.5, "d": false},
            "permissions": {"allow_click": false, "hide_private_details": true, "later": [1]}, "later": 1,
            "viewer": {"id": "2", "name": "Max"}, "webhook_url": "https://example.com/hook", "some_day": [1],
        }),
    );
}

#[test]
fn invalid_requests_are_refused_and_explained_in_the_request_log() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let wrong = [
        (json!({}), "agent is missing"),
        (json!([]), "a list, not an object"),
        (json!({"agent": "1"}), "agent is a string"),
        (json!({"agent": {"name": "Joe"}}), "agent.id is missing"),
        (json!({"agent": {"id": 1}}), "agent.id is a number"),
        (json!({"agent": {"id": ""}}), "agent.id is empty"),
        (json!({"agent": {"id": "1", "name": null}}), "agent.name is null"),
        (json!({"agent": {"id": "1"}, "branding": {"naked": "yes"}}), "branding.naked"),
        (json!({"agent": {"id": "1"}, "branding": {"retry_url": 1}}), "branding.retry_url"),
        (json!({"agent": {"id": "1"}, "branding": {"on_end_url": ""}}), "branding.on_end_url is empty"),
        (json!({"agent": {"id": "1"}, "metadata": {"a": {}}}), "metadata.a is an object"),
        (json!({"agent": {"id": "1"}, "metadata": {"a": null}}), "metadata.a is null"),
        (json!({"agent": {"id": "1"}, "permissions": {"allow_click": "true"}}), "permissions.allow_click"),
        (json!({"agent": {"id": "1"}, "viewer": {"id": 3}}), "viewer.id"),
        (json!({"agent": {"id": "1"}, "language": 3}), "language"),
        (json!({"agent": {"id": "1"}, "initial_notes": []}), "initial_notes"),
        (json!({"agent": {"id": "1"}, "webhook_url": "ftp://example.com"}), "webhook_url"),
    ];
    client.delete("/_sandbox/requests").expect_ok();
    for (body, _) in &wrong {
        client.post("/v1.3/visitors/V/watch_url", body).assert_error(422, "invalid_request");
    }
    for (request, (_, part)) in client.logged_requests().iter().zip(&wrong) {
        assert!(request["note"].as_str().is_some_and(|note| note.contains(part)), "{request}");
        assert_eq!(request["applied"], false);
    }
}

#[test]
fn the_body_must_be_json_with_a_json_content_type() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let good = br#"{"agent": {"id": "1"}}"#;
    for (content_type, body, status) in [
        ("application/json", &good[..], 200),
        ("Application/JSON; charset=utf-8", good, 200),
        ("text/plain", good, 422),
        ("application/x-www-form-urlencoded", good, 422),
        ("application/json", b"{", 422),
        ("application/json", b"\xff", 422),
        ("application/json", b"", 422),
    ] {
        let response =
            client.call("POST", "/v1.3/visitors/V/watch_url", &[("Content-Type", content_type)], body).unwrap();
        assert_eq!(response.status, status, "{content_type}");
    }
    assert_eq!(client.call("POST", "/v1.3/visitors/V/watch_url", &[], good).unwrap().status, 422);
    client.post("/v1.3/visitors/W/watch_url", &json!({"agent": {"id": "1"}})).assert_error(404, "not_found");
}
