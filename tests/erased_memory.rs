//! No part of a response stays in the memory of a C program that has freed everything it received. The program runs in
//! another process than the server, whose memory also holds the response.

#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::json;
use upscope_test_support::{Authority, Response, ScriptedServer, build_c_program, gzip, http_response};

/// The test searches for the end of this link. It is longer than any register, because nothing can wipe the parts of a
/// response that code leaves on its stack when it saves registers.
const LINK: &str = "https://o.example/w/Zq7-wIpEd-cOrE-dUmP-000xQ000-001xQ919-002xQ838-003xQ757-004xQ676-005xQ595-006xQ514-007xQ433-008xQ352-009xQ271-010xQ190-011xQ109-012xQ028-013xQ947-014xQ866-015xQ785-xY";
const NEEDLE: &str = "Zq7-wIpEd-cOrE-dUmP-000xQ000-001xQ919-002xQ838-003xQ757-004xQ676-005xQ595-006xQ514-007xQ433-008xQ352-009xQ271-010xQ190-011xQ109-012xQ028-013xQ947-014xQ866-015xQ785";

fn body() -> String {
    format!(r#"{{"watch_url":"{LINK}","é":"é"}}"#)
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in body.chunks(1000) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

/// Makes `count` calls in the C program, in the way that `how` names, and counts the copies of the link in its memory.
/// `max_copies` is above zero where a library below this one keeps copies: see SECURITY.md.
fn count_copies(what: &str, config: &serde_json::Value, how: &str, count: usize, max_copies: usize) {
    static PROGRAM: LazyLock<PathBuf> =
        LazyLock::new(|| build_c_program("tests/c/erased_responses.c", Path::new(env!("CARGO_TARGET_TMPDIR"))));
    let masked: String = NEEDLE.bytes().map(|byte| format!("{:02x}", byte ^ 0xa5)).collect();
    let output =
        Command::new(&*PROGRAM).args([&config.to_string(), &masked, how, &count.to_string()]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{what}: {text}{}", String::from_utf8_lossy(&output.stderr));
    let mut numbers = text.split_whitespace().map(|number| number.parse::<usize>().unwrap());
    let (before_free, after_free) = (numbers.next().unwrap(), numbers.next().unwrap());
    assert!(before_free > 0, "{what}: the search finds nothing");
    assert!(after_free <= max_copies, "{what}: {after_free} copies are left");
}

fn config(base_url: &str) -> serde_json::Value {
    json!({"api_key": "k", "base_url": base_url, "proxy": "", "max_retries": 0, "timeout_ms": 10_000})
}

/// Checks that no copy is left after calls that get these responses. `options` are added to the configuration.
fn expect_no_copies(what: &str, responses: Vec<Response>, how: &str, options: serde_json::Value) {
    let count = if how == "walk" { 1 } else { responses.len() };
    let server = ScriptedServer::new(responses);
    let mut config = config(&server.base_url());
    for (name, value) in options.as_object().unwrap() {
        config[name] = value.clone();
    }
    count_copies(what, &config, how, count, 0);
}

#[test]
fn a_call_leaves_no_copy() {
    expect_no_copies("a call", vec![Response::json(200, &body())], "call", json!({}));
    expect_no_copies("escapes", vec![Response::json(200, &body())], "call", json!({"ascii_json": true}));
    let large = format!(r#"{{"watch_url":"{LINK}","more":"{}"}}"#, "x".repeat(300_000));
    expect_no_copies("a buffer that grows", vec![Response::bytes(chunked(large.as_bytes()))], "call", json!({}));
}

#[test]
fn a_background_call_leaves_no_copy() {
    for how in ["start", "poll"] {
        expect_no_copies(how, vec![Response::json(200, &body()), Response::json(200, &body())], how, json!({}));
    }
}

#[test]
fn pages_leave_no_copy() {
    let page = |more: bool| {
        let page = json!({"cobrowsing_sessions": [{"id": "s_1", "metadata": {"a": LINK}}], "has_more": more, "last_id": "s_1"});
        Response::json(200, &page.to_string())
    };
    expect_no_copies("pages", vec![page(true), page(false)], "walk", json!({}));
}

#[test]
fn a_rejected_response_leaves_no_copy() {
    let good = body();
    let bytes = |body: &[u8]| Response::bytes(http_response(200, "", body));
    let wrong_type = format!(r#"{{"watch_url":["{LINK}"]}}"#);
    let deep = format!(r#"{{"watch_url":"{LINK}","a":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let truncated = http_response(200, "", good.as_bytes());
    expect_no_copies(
        "rejected",
        vec![
            // The search must find at least one copy before the responses are freed.
            Response::json(200, &good),
            bytes(&good.as_bytes()[..good.len() - 1]),
            bytes(&[good.as_bytes(), b"\xff"].concat()),
            bytes(wrong_type.as_bytes()),
            bytes(deep.as_bytes()),
            bytes(format!("<html>{LINK}").as_bytes()),
            bytes(format!("{good}{}", " ".repeat(5000)).as_bytes()),
            Response::json(401, &format!(r#"{{"error":"{LINK}","message":"no {NEEDLE} is known"}}"#)),
            Response::with_headers(503, "", &format!("{LINK} \\u00e9")),
            Response::bytes_then_close(truncated[..truncated.len() - 2].to_vec()),
        ],
        "call",
        json!({"max_response_bytes": 4000}),
    );
}

/// The decoder keeps the last 32 KiB that it has decoded in its own memory.
#[test]
fn the_gzip_decoder_keeps_at_most_one_copy() {
    let compressed = http_response(200, "Content-Encoding: gzip\r\n", &gzip(body().as_bytes()));
    let server = ScriptedServer::new([Response::bytes(compressed)]);
    count_copies("gzip", &config(&server.base_url()), "call", 1, 1);
}

/// rustls keeps each decrypted record in its own memory until it is read.
#[test]
fn rustls_keeps_at_most_two_copies() {
    let authority = Authority::new("wiped");
    let server = ScriptedServer::builder()
        .tls(authority.server_config("localhost"))
        .responses([Response::bytes(http_response(200, "", body().as_bytes()))])
        .start();
    let mut config = config(&format!("https://localhost:{}", server.address().port()));
    config["ca_file"] = authority.file().to_str().unwrap().into();
    count_copies("TLS", &config, "call", 1, 2);
}
