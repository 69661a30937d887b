//! The control interface accepts no requests from web pages, except from pages of the sandbox itself.

use serde_json::json;
use upscope_sandbox::{Options, Sandbox};

use crate::client::{Client, Response};
use crate::start_sandbox;

fn start_with_public_url(url: &str) -> Sandbox {
    Sandbox::start(Options { public_url: Some(url.parse().unwrap()), ..Options::default() }).unwrap()
}

const RESET: &str = "POST /_sandbox/reset HTTP/1.1\r\n";

/// Sends a request. `head` has no empty line at its end.
fn send(sandbox: &Sandbox, head: &str, body: &str) -> Response {
    let mut client = Client::connect(sandbox);
    client.send_bytes(format!("{head}\r\n{body}").as_bytes()).unwrap();
    client.read_response("POST").unwrap()
}

/// `PORT` in the headers is replaced by the sandbox's port.
fn reset(sandbox: &Sandbox, headers: &str) -> Response {
    let headers = headers.replace("PORT", &sandbox.port().to_string());
    send(sandbox, &format!("{RESET}{headers}"), "")
}

fn assert_refused(response: &Response, status: u16, code: &str, advice: &str) {
    assert_eq!(response.status, status, "{}", response.text());
    let body = response.json();
    assert_eq!((&body["status"], &body["error"]), (&json!("error"), &json!(code)));
    assert!(body["message"].as_str().is_some_and(|message| message.contains(advice)), "{body}");
    let names = response.headers.iter().map(|(name, _)| name.as_str());
    assert_eq!(names.filter(|name| name.starts_with("access-control-")).count(), 0);
}

#[test]
fn accepts_only_ip_addresses_and_localhost_as_host() {
    let sandbox = start_sandbox();
    for host in ["127.0.0.1:PORT", "127.0.0.1", "192.0.2.1:80", "[::1]:PORT", "localhost:PORT", "LOCALHOST"] {
        reset(&sandbox, &format!("Host: {host}\r\n")).expect_ok();
    }
    for headers in [
        "",
        "Host:\r\n",
        "Host: evil.example\r\n",
        "Host: evil.example:PORT\r\n",
        "Host: localhost.evil.example:PORT\r\n",
        "Host: 127.0.0.1.evil.example\r\n",
        "Host: 127.0.0.1:PORT\r\nHost: evil.example\r\n",
        "Host: evil.example\r\nHost: 127.0.0.1:PORT\r\n",
        "Host: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT\r\n",
        "Host: \u{e9}\r\n",
    ] {
        assert_refused(&reset(&sandbox, headers), 403, "forbidden", "control_url");
    }
}

#[test]
fn checks_the_host_in_the_request_target() {
    let sandbox = start_sandbox();
    let post = |target: &str, host: &str| send(&sandbox, &format!("POST {target} HTTP/1.1\r\nHost: {host}\r\n"), "");
    post("http://127.0.0.1:1/_sandbox/reset", "127.0.0.1:1").expect_ok();
    for (target, host) in [
        ("http://evil.example/_sandbox/reset", "127.0.0.1"),
        ("http://127.0.0.1/_sandbox/reset", "evil.example"),
        ("http://127.0.0.1:1/_sandbox/reset", "127.0.0.1:2"),
        ("http://user@127.0.0.1/_sandbox/reset", "127.0.0.1"),
    ] {
        assert_refused(&post(target, host), 403, "forbidden", "control_url");
    }
}

#[test]
fn accepts_only_its_own_origin() {
    let sandbox = start_sandbox();
    for (host, origin) in [
        ("127.0.0.1:PORT", "http://127.0.0.1:PORT"),
        ("localhost:PORT", "http://localhost:PORT"),
        ("[::1]:PORT", "http://[::1]:PORT"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("127.0.0.1:80", "http://127.0.0.1"),
    ] {
        reset(&sandbox, &format!("Host: {host}\r\nOrigin: {origin}\r\n")).expect_ok();
    }
    for origin in [
        "null",
        "",
        "http://evil.example",
        "https://evil.example",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "http://localhost:PORT",
        "https://127.0.0.1:PORT",
        "127.0.0.1:PORT",
        "http://127.0.0.1:PORT/",
        "http://127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT",
        "http://127.0.0.1:PORT http://evil.example",
    ] {
        let response = reset(&sandbox, &format!("Host: 127.0.0.1:PORT\r\nOrigin: {origin}\r\n"));
        assert_refused(&response, 403, "forbidden", "without an Origin header");
    }
}

#[test]
fn accepts_the_host_and_the_origin_of_the_public_url() {
    let sandbox = start_with_public_url("https://sandbox.example");
    for headers in [
        "Host: sandbox.example\r\n",
        "Host: Sandbox.example:PORT\r\n",
        "Host: sandbox.example\r\nOrigin: https://sandbox.example\r\n",
        "Host: sandbox.example\r\nOrigin: http://sandbox.example\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: https://sandbox.example\r\n",
        "Host: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT\r\n",
    ] {
        reset(&sandbox, headers).expect_ok();
    }
    for host in ["evil.example", "sandbox.example.evil.example", "user@sandbox.example", "sandbox.example:x"] {
        assert_refused(&reset(&sandbox, &format!("Host: {host}\r\n")), 403, "forbidden", "--public-url");
    }
    for origin in ["https://evil.example", "https://sandbox.example:444", "http://sandbox.example:1", "null"] {
        let response = reset(&sandbox, &format!("Host: sandbox.example\r\nOrigin: {origin}\r\n"));
        assert_refused(&response, 403, "forbidden", "other origins");
    }
}

#[test]
fn other_origins_cannot_read_the_request_log_or_pass_a_preflight() {
    let sandbox = start_sandbox();
    let foreign = "Host: 127.0.0.1\r\nOrigin: http://evil.example\r\n";
    let response = send(&sandbox, &format!("GET /_sandbox/requests?secrets=1 HTTP/1.1\r\n{foreign}"), "");
    assert_refused(&response, 403, "forbidden", "web pages");
    let preflight = format!(
        "OPTIONS /_sandbox/faults HTTP/1.1\r\n{foreign}Access-Control-Request-Method: POST\r\n\
         Access-Control-Request-Headers: content-type\r\n"
    );
    assert_refused(&send(&sandbox, &preflight, ""), 403, "forbidden", "web pages");
}

#[test]
fn bodies_must_be_declared_as_json() {
    let sandbox = start_sandbox();
    let faults = |content_type: &str, body: &str| {
        let length = body.len();
        let head = format!("POST /_sandbox/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n");
        send(&sandbox, &(head + content_type), body)
    };
    for content_type in ["application/json", "Application/JSON; charset=utf-8", "application/json;x=y"] {
        faults(&format!("Content-Type: {content_type}\r\n"), "[]").expect_ok();
    }
    for content_type in [
        "",
        "Content-Type:\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type: text/plain; application/json\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: multipart/form-data; boundary=application/json\r\n",
        "Content-Type: application/json, text/plain\r\n",
        "Content-Type: application/json\r\nContent-Type: text/plain\r\n",
    ] {
        let response = faults(content_type, r#"[{"status": 500}]"#);
        assert_refused(&response, 415, "unsupported_media_type", "Content-Type: application/json");
    }
    Client::connect(&sandbox).get("/v1.3/usage").expect_ok();

    // Without a body, no Content-Type is needed, but the one of an empty form is refused.
    reset(&sandbox, "Host: 127.0.0.1\r\n").expect_ok();
    let empty_form = "Host: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    assert_refused(&reset(&sandbox, empty_form), 415, "unsupported_media_type", "application/json");
}

#[test]
fn refused_requests_have_no_effect() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.get("/v1.3/usage").expect_ok();
    for headers in ["Host: evil.example\r\n", "Host: 127.0.0.1\r\nOrigin: null\r\n"] {
        assert_eq!(reset(&sandbox, headers).status, 403);
        assert_eq!(send(&sandbox, &format!("DELETE /_sandbox/requests HTTP/1.1\r\n{headers}"), "").status, 403);
    }
    assert_eq!(client.logged_requests().len(), 1);
}
