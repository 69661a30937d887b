//! The control interface takes no requests from web pages, but for those that the sandbox itself serves.

use serde_json::json;
use upscope_sandbox::Sandbox;

use crate::http::{Client, Reply};
use crate::sandbox;

const RESET: &str = "POST /_sandbox/reset HTTP/1.1\r\n";

/// Sends a head, to which only the empty line is missing, and a body.
fn send(sandbox: &Sandbox, head: &str, body: &str) -> Reply {
    let mut client = Client::to(sandbox);
    client.send_bytes(format!("{head}\r\n{body}").as_bytes()).unwrap();
    client.read_reply("POST").unwrap()
}

/// `PORT` in the head stands for the sandbox's.
fn reset(sandbox: &Sandbox, headers: &str) -> Reply {
    let headers = headers.replace("PORT", &sandbox.port().to_string());
    send(sandbox, &format!("{RESET}{headers}"), "")
}

fn is_refused(reply: &Reply, status: u16, code: &str, advice: &str) {
    assert_eq!(reply.status, status, "{}", reply.text());
    let body = reply.json();
    assert_eq!((&body["status"], &body["error"]), (&json!("error"), &json!(code)));
    assert!(body["message"].as_str().is_some_and(|message| message.contains(advice)), "{body}");
    let names = reply.headers.iter().map(|(name, _)| name.as_str());
    assert_eq!(names.filter(|name| name.starts_with("access-control-")).count(), 0);
}

#[test]
fn the_host_is_an_address_or_localhost() {
    let sandbox = sandbox();
    for host in ["127.0.0.1:PORT", "127.0.0.1", "192.0.2.1:80", "[::1]:PORT", "localhost:PORT", "LOCALHOST"] {
        reset(&sandbox, &format!("Host: {host}\r\n")).ok();
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
        is_refused(&reset(&sandbox, headers), 403, "forbidden", "control_url");
    }
}

#[test]
fn the_host_in_the_target_counts_too() {
    let sandbox = sandbox();
    let post = |target: &str, host: &str| send(&sandbox, &format!("POST {target} HTTP/1.1\r\nHost: {host}\r\n"), "");
    post("http://127.0.0.1:1/_sandbox/reset", "127.0.0.1:1").ok();
    for (target, host) in [
        ("http://evil.example/_sandbox/reset", "127.0.0.1"),
        ("http://127.0.0.1/_sandbox/reset", "evil.example"),
        ("http://127.0.0.1:1/_sandbox/reset", "127.0.0.1:2"),
        ("http://user@127.0.0.1/_sandbox/reset", "127.0.0.1"),
    ] {
        is_refused(&post(target, host), 403, "forbidden", "control_url");
    }
}

#[test]
fn an_origin_is_the_sandboxs_own() {
    let sandbox = sandbox();
    for (host, origin) in [
        ("127.0.0.1:PORT", "http://127.0.0.1:PORT"),
        ("localhost:PORT", "http://localhost:PORT"),
        ("[::1]:PORT", "http://[::1]:PORT"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("127.0.0.1:80", "http://127.0.0.1"),
    ] {
        reset(&sandbox, &format!("Host: {host}\r\nOrigin: {origin}\r\n")).ok();
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
        let reply = reset(&sandbox, &format!("Host: 127.0.0.1:PORT\r\nOrigin: {origin}\r\n"));
        is_refused(&reply, 403, "forbidden", "without an Origin header");
    }
}

#[test]
fn a_page_neither_reads_the_journal_nor_gets_leave_to_ask() {
    let sandbox = sandbox();
    let foreign = "Host: 127.0.0.1\r\nOrigin: http://evil.example\r\n";
    let reply = send(&sandbox, &format!("GET /_sandbox/requests?secrets=1 HTTP/1.1\r\n{foreign}"), "");
    is_refused(&reply, 403, "forbidden", "web pages");
    let preflight = format!(
        "OPTIONS /_sandbox/faults HTTP/1.1\r\n{foreign}Access-Control-Request-Method: POST\r\n\
         Access-Control-Request-Headers: content-type\r\n"
    );
    is_refused(&send(&sandbox, &preflight, ""), 403, "forbidden", "web pages");
}

#[test]
fn bodies_are_declared_as_json() {
    let sandbox = sandbox();
    let faults = |content_type: &str, body: &str| {
        let length = body.len();
        let head = format!("POST /_sandbox/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n");
        send(&sandbox, &(head + content_type), body)
    };
    for content_type in ["application/json", "Application/JSON; charset=utf-8", "application/json;x=y"] {
        faults(&format!("Content-Type: {content_type}\r\n"), "[]").ok();
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
        let reply = faults(content_type, r#"[{"status": 500}]"#);
        is_refused(&reply, 415, "unsupported_media_type", "Content-Type: application/json");
    }
    Client::to(&sandbox).get("/v1.3/usage").ok();

    // No body needs no declaration, but an empty form is one.
    reset(&sandbox, "Host: 127.0.0.1\r\n").ok();
    let empty_form = "Host: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    is_refused(&reset(&sandbox, empty_form), 415, "unsupported_media_type", "application/json");
}

#[test]
fn what_is_refused_has_no_effect() {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    client.get("/v1.3/usage").ok();
    for headers in ["Host: evil.example\r\n", "Host: 127.0.0.1\r\nOrigin: null\r\n"] {
        assert_eq!(reset(&sandbox, headers).status, 403);
        assert_eq!(send(&sandbox, &format!("DELETE /_sandbox/requests HTTP/1.1\r\n{headers}"), "").status, 403);
    }
    assert_eq!(client.journal().len(), 1);
}
