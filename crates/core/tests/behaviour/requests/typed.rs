//! The Rust types of requests and responses.

use serde_json::json;
use upscope::operations::*;
use upscope::{CallOptions, ErrorCode};
use upscope_test_support::{Response, ScriptedServer};

use super::super::client;

#[test]
fn a_complete_request_and_its_response() {
    let link = "https://cobrowsingapi.example/session/a964e00a";
    let response = json!({"status": "ok", "watch_url": link, "expiration": "2022-01-11T18:01:49.700Z", "new": 1});
    let server = ScriptedServer::new([Response::json(200, &response.to_string())]);
    let request = CreateWatchUrl::new("a/b", WatchAgent::new("7").name("Joe"))
        .branding(Branding::new().naked(Naked::PageOnly).on_end_url("acme://done"))
        .permissions(Permissions::new().allow_console(true).hide_private_details(false))
        .metadata(json!({"ticket": 12, "vip": true}).as_object().unwrap().clone())
        .viewer(Viewer::new().name("Ann"))
        .webhook_url("https://desk.example/hook")
        .options(CallOptions::new().timeout_ms(5_000u64));
    let url = client(&server).create_watch_url(&request).unwrap();
    assert_eq!(url.watch_url.as_ref().unwrap().expose(), link);
    assert_eq!(url.extra["new"], 1);
    assert!(!format!("{url:?}").contains("a964e00a"));
    let request = &server.requests()[0];
    assert!(request.starts_with("POST /v1.3/visitors/a%2Fb/watch_url HTTP/1.1\r\n"), "{request}");
    let body: serde_json::Value = serde_json::from_str(request.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(
        body,
        json!({
            "agent": {"id": "7", "name": "Joe"},
            "branding": {"naked": "page_only", "on_end_url": "acme://done"},
            "permissions": {"allow_console": true, "hide_private_details": false},
            "metadata": {"ticket": 12, "vip": true},
            "viewer": {"name": "Ann"},
            "webhook_url": "https://desk.example/hook",
        })
    );
}

#[test]
fn typed_requests_are_validated() {
    let server = ScriptedServer::new([]);
    let client = client(&server);
    for error in [
        client.get_visitor(&GetVisitor::new("..")).unwrap_err(),
        client.list_visitors(&ListVisitors::new().max_results(11u32)).unwrap_err(),
        client.lookup_agent(&LookupAgent::new()).unwrap_err(),
        client.delete_all_visitors(&DeleteAllVisitors::new(false)).unwrap_err(),
    ] {
        assert_eq!(error.code(), ErrorCode::InvalidArgument);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn lists_and_nested_objects() {
    let server = ScriptedServer::new([
        Response::json(200, r#"{"visitors":[{"short_id":"1","lookup_code":"0042","sessions":[{"id":9}]},{}]}"#),
        Response::json(200, r#"{"usage":{"visitors":{"online_now":400},"later":{}}}"#),
        Response::json(200, "ok"),
    ]);
    let client = client(&server);
    let visitors = client.list_visitors(&ListVisitors::new()).unwrap();
    assert_eq!(visitors[0].lookup_code.as_deref(), Some("0042"));
    assert_eq!(visitors[0].sessions.as_ref().unwrap()[0].id.as_deref(), Some("9"));
    assert_eq!(visitors.len(), 2);
    let usage = client.get_usage(&GetUsage::new()).unwrap();
    assert_eq!(usage.visitors.unwrap().online_now, Some(400));
    assert!(usage.extra.contains_key("later"));
    client.stop_session(&StopSession::new("1")).unwrap();
}
