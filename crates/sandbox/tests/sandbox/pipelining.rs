//! Requests sent without waiting for the answers before: each acts on what it names itself.

use fastrand::Rng;
use serde_json::{Value, json};
use upscope_sandbox::Sandbox;

use crate::http::Client;
use crate::{sandbox, sandbox_of};

const KEY: &str = "X-Api-Key: sandbox-key\r\n";
/// Each but the first begins like another one.
const TARGETS: [&str; 6] = [
    "/v1.3/visitors/A",
    "/v1.3/visitors/AB",
    "/v1.3/visitors/AB?C=/v1.3/visitors/A",
    "/v1.3/visitors/AB/session",
    "/v1.3/visitors/A#B",
    "/v1.3/visitors/A?#C",
];
const TEXT: &str = "DELETE /v1.3/visitors/AB HTTP/1.1\r\nHost: x\r\nX-Api-Key: sandbox-key\r\n\r\n";

/// A request, and what the journal has to say about it.
struct Sent {
    bytes: String,
    method: &'static str,
    target: &'static str,
    body: String,
}

impl Sent {
    fn random(random: &mut Rng) -> Self {
        let target = TARGETS[random.usize(..TARGETS.len())];
        let host = "Host: 127.0.0.1\r\n";
        let (method, bytes, body) = match random.u8(..7) {
            0 => ("GET", format!("GET {target} HTTP/1.1\r\n{host}{KEY}\r\n"), String::new()),
            1 => ("HEAD", format!("\r\n\nHEAD {target} HTTP/1.1\n{host}{KEY}\n"), String::new()),
            2 => ("PUT", format!("PUT http://127.0.0.1{target} HTTP/1.1\r\n{host}{KEY}\r\n"), String::new()),
            3 => ("GET", format!("GET {target} HTTP/1.1\r\n{host}X: {TEXT}"), String::new()),
            4 => {
                let body = TEXT.repeat(random.usize(1..50));
                let length = format!("content-LENGTH: \t{} \r\nContent-Length: {0}\r\n", body.len());
                ("POST", format!("POST {target} HTTP/1.1\r\n{host}{KEY}{length}\r\n{body}"), body)
            }
            5 => {
                let body = format!("{TEXT}{TEXT}0\r\n\r\n");
                let text = TEXT.len();
                let coding = "Transfer-Encoding: chunked\r\n";
                let chunks = format!(
                    "{text:X};ext=\"{target}\"\r\n{TEXT}\r\n{text:04x} \r\n{TEXT}\r\n5\r\n0\r\n\r\n\r\n000\r\n\
                     Trailer: DELETE /v1.3/visitors/AB HTTP/1.1\r\n\r\n"
                );
                ("POST", format!("POST {target} HTTP/1.1\r\n{host}{KEY}{coding}\r\n{chunks}"), body)
            }
            _ => {
                let coding = "Transfer-Encoding: CHUNKED\r\n";
                ("POST", format!("POST {target} HTTP/1.1\r\n{host}{KEY}{coding}\r\n0\r\n\r\n"), String::new())
            }
        };
        Self { bytes, method, target, body }
    }

    fn is(&self, arrived: &Value) -> bool {
        let (path, query) =
            self.target.split_once('?').map_or((self.target, None), |(path, query)| (path, Some(query)));
        let body = (!self.body.is_empty()).then_some(&self.body);
        arrived["method"] == self.method
            && arrived["path"] == path
            && arrived["query"] == json!(query)
            && arrived["body"] == json!(body)
            && (arrived["status"] == 400) == self.target.contains('#')
    }
}

/// Sends all of them over one connection, in packets of the lengths that `next_length` says, and compares the journal.
fn arrive(sandbox: &Sandbox, sent: &[Sent], mut next_length: impl FnMut() -> usize) {
    let mut bytes: String = sent.iter().map(|sent| sent.bytes.as_str()).collect();
    bytes += "GET /v1.3/last HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    let mut left = bytes.as_bytes();
    let mut client = Client::to(sandbox);
    client.delete("/_sandbox/requests").ok();
    while !left.is_empty() {
        let (packet, rest) = left.split_at(next_length().min(left.len()));
        client.send_bytes(packet).unwrap();
        left = rest;
    }
    client.read_rest().unwrap();

    let journal = Client::to(sandbox).journal();
    for (number, (sent, arrived)) in sent.iter().zip(&journal).enumerate() {
        assert!(sent.is(arrived), "request {number}, sent as {:?}, arrived as {arrived:#}", sent.bytes);
    }
    assert_eq!(journal.len(), sent.len() + 1);
    assert_eq!(journal[sent.len()]["path"], "/v1.3/last");
}

#[test]
fn a_request_acts_on_its_own_visitor() {
    let sandbox = sandbox_of(0, 0);
    let mut client = Client::to(&sandbox);
    for id in ["A", "AB"] {
        client.post("/_sandbox/visitors", &json!({"short_id": id})).ok();
    }
    let get = format!("GET /v1.3/visitors/AB HTTP/1.1\r\nHost: 127.0.0.1\r\n{KEY}\r\n");
    let delete = format!("DELETE /v1.3/visitors/A HTTP/1.1\r\nHost: 127.0.0.1\r\n{KEY}\r\n");
    client.send_bytes((get + &delete).as_bytes()).unwrap();
    assert_eq!(client.read_reply("GET").unwrap().ok()["visitor"]["short_id"], "AB");
    client.read_reply("DELETE").unwrap().ok();
    client.get("/v1.3/visitors/A").is_error(404, "not_found");
    client.get("/v1.3/visitors/AB").ok();
}

#[test]
fn a_hundred_requests_may_come_in_one_packet() {
    let sandbox = sandbox();
    let mut random = Rng::with_seed(1);
    let sent: Vec<Sent> = (0..100).map(|_| Sent::random(&mut random)).collect();
    arrive(&sandbox, &sent, || usize::MAX);
}

#[test]
fn packets_may_be_split_anywhere() {
    let sandbox = sandbox();
    for seed in 0..30 {
        let mut random = Rng::with_seed(seed);
        let sent: Vec<Sent> = (0..20).map(|_| Sent::random(&mut random)).collect();
        let longest = [1, 3, 40, 400, 4000][seed as usize % 5];
        arrive(&sandbox, &sent, || random.usize(1..=longest));
    }
}

#[test]
fn every_form_of_target_is_kept_as_it_was_sent() {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    for (method, target, path, query, status) in [
        ("GET", "http://127.0.0.1/v1.3/usage?a=b", "/v1.3/usage", json!("a=b"), 200),
        ("GET", "http://127.0.0.1", "/", json!(null), 404),
        ("GET", "HTTP://127.0.0.1?a", "/", json!("a"), 404),
        ("GET", "http://127.0.0.1#a", "/#a", json!(null), 400),
        ("GET", "http://127.0.0.1/v1.3/usage#a?b", "/v1.3/usage#a", json!("b"), 400),
        ("GET", "//127.0.0.1/v1.3/usage", "//127.0.0.1/v1.3/usage", json!(null), 404),
        ("OPTIONS", "*", "*", json!(null), 404),
        ("GET", "host", "host", json!(null), 404),
        ("CONNECT", "host:80", "host:80", json!(null), 404),
        ("GET", "/v1.3/usage?", "/v1.3/usage", json!(""), 200),
    ] {
        assert_eq!(client.call(method, target, &[], b"").expect("an answer").status, status, "{method} {target}");
        let mut journal = Client::to(&sandbox).journal();
        let arrived = journal.pop().unwrap();
        assert_eq!((&arrived["path"], &arrived["query"]), (&json!(path), &query), "{method} {target}");
    }
}
