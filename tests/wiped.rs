//! Nothing of an answer is left in the memory of a C program that has freed what it was handed. What looks is another
//! process than the service, whose memory has the answer as well.

#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/c_program.rs"]
mod c_program;
#[path = "../crates/core/tests/support/certificates.rs"]
mod certificates;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::OnceLock;

use certificates::Authority;
use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::{ServerConnection, StreamOwned};
use scripted_server::{Answer, ScriptedServer, response};
use serde_json::json;

/// What is looked for: the end of a link. Longer than any register: parts of an answer that code leaves on its stack when it
/// saves registers are nobody's to wipe.
const LINK: &str = "https://o.example/w/Zq7-wIpEd-cOrE-dUmP-000xQ000-001xQ919-002xQ838-003xQ757-004xQ676-005xQ595-006xQ514-007xQ433-008xQ352-009xQ271-010xQ190-011xQ109-012xQ028-013xQ947-014xQ866-015xQ785-xY";
const NEEDLE: &str = "Zq7-wIpEd-cOrE-dUmP-000xQ000-001xQ919-002xQ838-003xQ757-004xQ676-005xQ595-006xQ514-007xQ433-008xQ352-009xQ271-010xQ190-011xQ109-012xQ028-013xQ947-014xQ866-015xQ785";

/// What may be left by a library below this one: see SECURITY.md.
enum Left {
    Nothing,
    AtMost(usize),
}

fn good() -> String {
    format!(r#"{{"watch_url":"{LINK}","é":"é"}}"#)
}

fn gzip(body: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body.as_bytes()).unwrap();
    encoder.finish().unwrap()
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

/// Runs the program against the service of `config`, and checks what it finds.
fn look(what: &str, config: &serde_json::Value, how: &str, count: usize, left: &Left) {
    static PROGRAM: OnceLock<OsString> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| c_program::build("tests/c/erased_responses.c").get_program().to_owned());
    let masked: String = NEEDLE.bytes().map(|byte| format!("{:02x}", byte ^ 0xa5)).collect();
    let output = Command::new(program).args([&config.to_string(), &masked, how, &count.to_string()]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{what}: {text}{}", String::from_utf8_lossy(&output.stderr));
    let mut numbers = text.split_whitespace().map(|number| number.parse::<usize>().unwrap());
    let (meanwhile, end) = (numbers.next().unwrap(), numbers.next().unwrap());
    assert!(meanwhile > 0, "{what}: the search finds nothing");
    match left {
        Left::Nothing => assert_eq!(end, 0, "{what}"),
        Left::AtMost(count) => assert!(end <= *count, "{what}: {end} times"),
    }
}

fn config(base_url: &str) -> serde_json::Value {
    json!({"api_key": "k", "base_url": base_url, "proxy": "", "max_retries": 0, "timeout_ms": 10_000})
}

fn look_in_plain(what: &str, answers: Vec<Answer>, how: &str, change: serde_json::Value) {
    let count = if how == "walk" { 1 } else { answers.len() };
    let server = ScriptedServer::new(answers);
    let mut config = config(&server.base_url());
    for (name, value) in change.as_object().unwrap() {
        config[name] = value.clone();
    }
    look(what, &config, how, count, &Left::Nothing);
}

#[test]
fn nothing_is_left_of_an_answer() {
    look_in_plain("a call", vec![Answer::json(200, &good())], "call", json!({}));
    look_in_plain("escapes", vec![Answer::json(200, &good())], "call", json!({"ascii_json": true}));
    let large = format!(r#"{{"watch_url":"{LINK}","more":"{}"}}"#, "x".repeat(300_000));
    look_in_plain("one that grows", vec![Answer::Bytes(chunked(large.as_bytes()))], "call", json!({}));
}

#[test]
fn nothing_is_left_of_a_started_call() {
    for how in ["start", "poll"] {
        look_in_plain(how, vec![Answer::json(200, &good()), Answer::json(200, &good())], how, json!({}));
    }
}

#[test]
fn nothing_is_left_of_pages() {
    let page = |more: bool| {
        let page = json!({"cobrowsing_sessions": [{"id": "s_1", "metadata": {"a": LINK}}], "has_more": more, "last_id": "s_1"});
        Answer::json(200, &page.to_string())
    };
    look_in_plain("pages", vec![page(true), page(false)], "walk", json!({}));
}

#[test]
fn nothing_is_left_of_what_is_rejected() {
    let good = good();
    let bytes = |body: &[u8]| Answer::Bytes(response(200, "", body));
    let without_promise = format!(r#"{{"watch_url":["{LINK}"]}}"#);
    let deep = format!(r#"{{"watch_url":"{LINK}","a":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let cut = response(200, "", good.as_bytes());
    look_in_plain(
        "rejected",
        vec![
            // For the search to find something.
            Answer::json(200, &good),
            bytes(&good.as_bytes()[..good.len() - 1]),
            bytes(&[good.as_bytes(), b"\xff"].concat()),
            bytes(without_promise.as_bytes()),
            bytes(deep.as_bytes()),
            bytes(format!("<html>{LINK}").as_bytes()),
            bytes(format!("{good}{}", " ".repeat(5000)).as_bytes()),
            Answer::json(401, &format!(r#"{{"error":"{LINK}","message":"no {NEEDLE} is known"}}"#)),
            Answer::with_headers(503, "", &format!("{LINK} \\u00e9")),
            Answer::BytesThenClose(cut[..cut.len() - 2].to_vec()),
        ],
        "call",
        json!({"max_response_bytes": 4000}),
    );
}

/// The decoder keeps the last 32 KiB that it has decoded, and its memory is its own.
#[test]
fn of_a_compressed_answer_the_decoder_keeps_one_copy() {
    let server = ScriptedServer::new([Answer::Bytes(response(200, "Content-Encoding: gzip\r\n", &gzip(&good())))]);
    look("gzip", &config(&server.base_url()), "call", 1, &Left::AtMost(1));
}

/// What was decrypted is in memory of rustls's, once for a record, until it is read.
#[test]
fn of_an_answer_over_tls_rustls_keeps_its_copies() {
    let authority = Authority::new("wiped");
    let tls = authority.server("localhost", |_| {});
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(tls).unwrap(), stream);
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        while !seen.ends_with(b"}") {
            let count = stream.read(&mut buffer).unwrap();
            assert!(count > 0, "the request was cut short");
            seen.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(&response(200, "", good().as_bytes())).unwrap();
        let _ = stream.read(&mut buffer);
    });
    let mut config = config(&format!("https://localhost:{port}"));
    config["ca_file"] = authority.file().to_str().unwrap().into();
    look("TLS", &config, "call", 1, &Left::AtMost(2));
    served.join().unwrap();
}
