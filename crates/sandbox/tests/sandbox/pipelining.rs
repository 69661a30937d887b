//! Pipelined requests: each acts on its own target.

use fastrand::Rng;
use serde_json::{Value, json};
use upscope_sandbox::Sandbox;

use crate::client::Client;
use crate::{start_sandbox, start_sandbox_with};

const KEY: &str = "X-Api-Key: sandbox-key\r\n";
/// Each target except the first one starts with another one.
const TARGETS: [&str; 6] = [
    "/v1.3/visitors/A",
    "/v1.3/visitors/AB",
    "/v1.3/visitors/AB?C=/v1.3/visitors/A",
    "/v1.3/visitors/AB/session",
    "/v1.3/visitors/A#B",
    "/v1.3/visitors/A?#C",
];
const TEXT: &str = "DELETE /v1.3/visitors/AB HTTP/1.1\r\nHost: x\r\nX-Api-Key: sandbox-key\r\n\r\n";

/// A request, and what the request log must show about it.
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

    fn matches(&self, logged: &Value) -> bool {
        let (path, query) =
            self.target.split_once('?').map_or((self.target, None), |(path, query)| (path, Some(query)));
        let body = (!self.body.is_empty()).then_some(&self.body);
        logged["method"] == self.method
            && logged["path"] == path
            && logged["query"] == json!(query)
            && logged["body"] == json!(body)
            && (logged["status"] == 400) == self.target.contains('#')
    }
}

/// Sends the requests over one connection in packets of `next_length()` bytes, and checks the request log.
fn send_and_check(sandbox: &Sandbox, sent: &[Sent], mut next_length: impl FnMut() -> usize) {
    let mut bytes: String = sent.iter().map(|sent| sent.bytes.as_str()).collect();
    bytes += "GET /v1.3/last HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    let mut left = bytes.as_bytes();
    let mut client = Client::connect(sandbox);
    client.delete("/_sandbox/requests").expect_ok();
    while !left.is_empty() {
        let (packet, rest) = left.split_at(next_length().min(left.len()));
        client.send_bytes(packet).unwrap();
        left = rest;
    }
    client.read_rest().unwrap();

    let log = Client::connect(sandbox).get("/_sandbox/requests?secrets=1").expect_ok();
    let requests = log["requests"].as_array().unwrap();
    for (number, (sent, logged)) in sent.iter().zip(requests).enumerate() {
        assert!(sent.matches(logged), "request {number}, sent as {:?}, logged as {logged:#}", sent.bytes);
    }
    assert_eq!(requests.len(), sent.len() + 1);
    assert_eq!(requests[sent.len()]["path"], "/v1.3/last");
}

#[test]
fn pipelined_requests_act_on_their_own_visitor() {
    let sandbox = start_sandbox_with(0, 0);
    let mut client = Client::connect(&sandbox);
    for id in ["A", "AB"] {
        client.put_visitor(&json!({"short_id": id}));
    }
    let get = format!("GET /v1.3/visitors/AB HTTP/1.1\r\nHost: 127.0.0.1\r\n{KEY}\r\n");
    let delete = format!("DELETE /v1.3/visitors/A HTTP/1.1\r\nHost: 127.0.0.1\r\n{KEY}\r\n");
    client.send_bytes((get + &delete).as_bytes()).unwrap();
    assert_eq!(client.read_response("GET").unwrap().expect_ok()["visitor"]["short_id"], "AB");
    client.read_response("DELETE").unwrap().expect_ok();
    client.get("/v1.3/visitors/A").assert_error(404, "not_found");
    client.get("/v1.3/visitors/AB").expect_ok();
}

#[test]
fn accepts_a_hundred_requests_in_one_packet() {
    let sandbox = start_sandbox();
    let mut random = Rng::with_seed(1);
    let sent: Vec<Sent> = (0..100).map(|_| Sent::random(&mut random)).collect();
    send_and_check(&sandbox, &sent, || usize::MAX);
}

#[test]
fn accepts_requests_split_at_any_byte() {
    let sandbox = start_sandbox();
    for seed in 0..30 {
        let mut random = Rng::with_seed(seed);
        let sent: Vec<Sent> = (0..20).map(|_| Sent::random(&mut random)).collect();
        let longest = [1, 3, 40, 400, 4000][seed as usize % 5];
        send_and_check(&sandbox, &sent, || random.usize(1..=longest));
    }
}

#[test]
fn logs_every_form_of_request_target_as_it_was_sent() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for (method, target, path, query, status) in [
        ("GET", "http://127.0.0.1/v1.3/usage?a=b", "/v1.3/usage", json!("a=b"), 200),
        ("PUT", "http://127.0.0.1", "/", json!(null), 404),
        ("PUT", "HTTP://127.0.0.1?a", "/", json!("a"), 404),
        ("GET", "http://127.0.0.1#a", "/#a", json!(null), 400),
        ("GET", "http://127.0.0.1/v1.3/usage#a?b", "/v1.3/usage#a", json!("b"), 400),
        ("GET", "//127.0.0.1/v1.3/usage", "//127.0.0.1/v1.3/usage", json!(null), 404),
        ("OPTIONS", "*", "*", json!(null), 404),
        ("GET", "host", "host", json!(null), 404),
        ("CONNECT", "host:80", "host:80", json!(null), 404),
        ("GET", "/v1.3/usage?", "/v1.3/usage", json!(""), 200),
    ] {
        assert_eq!(client.call(method, target, &[], b"").expect("an response").status, status, "{method} {target}");
        let mut requests = Client::connect(&sandbox).logged_requests();
        let logged = requests.pop().unwrap();
        assert_eq!((&logged["path"], &logged["query"]), (&json!(path), &query), "{method} {target}");
    }
}
