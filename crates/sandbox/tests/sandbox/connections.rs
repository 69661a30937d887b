//! Connections: kept alive, many at once, compressed, bounded, and closed in the end.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::json;

use crate::http::{Client, eventually, path_of};
use crate::{sandbox, sandbox_of};

#[test]
fn a_connection_is_kept_for_many_requests() {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    for _ in 0..20 {
        client.get("/v1.3/usage").ok();
        client.get("/v1.3/visitors/NOBODY").is_error(404, "not_found");
        client.post("/v1.3/onpremise/token", &json!({})).is_error(422, "invalid_request");
    }
    let other = Client::to(&sandbox).get("/v1.3/usage").status;
    let journal = client.journal();
    assert_eq!((journal.len(), other), (61, 200));
    assert!(journal[..60].iter().all(|request| request["connection"] == journal[0]["connection"]));
    assert_ne!(journal[60]["connection"], journal[0]["connection"]);
}

#[test]
fn sixty_four_connections_at_once_are_served() {
    const CLIENTS: usize = 64;
    const ROUNDS: usize = 20;
    let sandbox = sandbox_of(0, 0);
    let mut clients: Vec<Client> = (0..CLIENTS).map(|_| Client::to(&sandbox)).collect();
    std::thread::scope(|scope| {
        for (number, client) in clients.iter_mut().enumerate() {
            scope.spawn(move || {
                client.post("/_sandbox/visitors", &json!({"short_id": format!("V{number}")})).ok();
                let visitor = format!("/v1.3/visitors/V{number}");
                for round in 0..ROUNDS {
                    let agent = json!({"agent": {"id": "1"}, "metadata": {"round": round}});
                    let link = client.post(&format!("{visitor}/watch_url"), &agent).ok();
                    assert_eq!(client.get(&path_of(&link["watch_url"])).status, 200);
                    client.delete(&format!("{visitor}/session")).ok();
                }
                let sessions = client.get(&visitor).ok()["visitor"]["sessions"].clone();
                let rounds = sessions.as_array().unwrap().iter();
                let rounds: Vec<u64> = rounds.map(|own| own["metadata"]["round"].as_u64().unwrap()).collect();
                assert_eq!(rounds, (0..ROUNDS as u64).collect::<Vec<_>>());
            });
        }
    });
    let journal = clients[0].journal();
    assert_eq!(journal.len(), CLIENTS * (ROUNDS * 3 + 1));
    let numbers: Vec<u64> = journal.iter().map(|own| own["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=journal.len() as u64).collect::<Vec<_>>());
}

#[test]
fn requests_sent_without_waiting_are_answered_in_order() {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    for target in ["/v1.3/visitors/NOBODY", "/v1.3/usage", "/v1.3/nothing"] {
        client.send("GET", target, &[], b"").unwrap();
    }
    let statuses: Vec<u16> = (0..3).map(|_| client.read_reply("GET").unwrap().status).collect();
    assert_eq!(statuses, [404, 200, 404]);
    let paths: Vec<_> = client.journal().iter().map(|own| own["path"].clone()).collect();
    assert_eq!(paths, ["/v1.3/visitors/NOBODY", "/v1.3/usage", "/v1.3/nothing"]);
}

#[test]
fn long_answers_are_compressed_for_those_who_ask() {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    let plain = client.get("/v1.3/list");
    assert_eq!(plain.header("content-encoding"), None);
    let packed = client.call("GET", "/v1.3/list", &[("Accept-Encoding", "br, gzip")], b"").unwrap();
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < plain.body.len());
    let mut unpacked = Vec::new();
    GzDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    client.faults(&json!([{"status": 200, "body": "x".repeat(5_000)}]));
    let scripted = client.call("GET", "/v1.3/list", &[("Accept-Encoding", "gzip")], b"").unwrap();
    assert_eq!((scripted.header("content-encoding"), scripted.body.len()), (None, 5_000));
    let short = client.call("GET", "/v1.3/usage", &[("Accept-Encoding", "gzip")], b"").unwrap();
    assert_eq!(short.header("content-encoding"), None);
}

#[test]
fn a_body_over_four_megabytes_is_refused() {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    let large = vec![b' '; (4 << 20) + 1];
    let reply = client.call("POST", "/v1.3/onpremise/token", &[("Content-Type", "application/json")], &large).unwrap();
    reply.is_error(413, "body_too_large");
    assert_eq!(Client::to(&sandbox).call("POST", "/_sandbox/faults", &[], &large).unwrap().status, 413);
    let whole = &large[1..];
    let reply = client.call("POST", "/v1.3/onpremise/token", &[("Content-Type", "application/json")], whole).unwrap();
    reply.is_error(422, "invalid_request");
}

#[test]
fn a_broken_request_harms_nobody() {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    client.send("POST", "/v1.3/onpremise/token", &[("Content-Length", "100")], b"").unwrap();
    let mut observer = Client::to(&sandbox);
    eventually(|| !observer.journal().is_empty());
    drop(client);
    eventually(|| !observer.journal()[0]["finished_ms"].is_null());
    assert_eq!((&observer.journal()[0]["status"], &observer.journal()[0]["applied"]), (&json!(null), &json!(false)));
    let mut noise = Client::to(&sandbox);
    noise.send("\u{1}\u{2}", "nonsense", &[], b"").unwrap();
    assert!(noise.read_rest().is_ok());
    observer.get("/v1.3/usage").ok();
}

#[test]
fn a_large_state_starts_soon_and_answers_soon() {
    let begun = Instant::now();
    let sandbox = sandbox_of(10_000, 100_000);
    let mut client = Client::to(&sandbox);
    assert_eq!(client.get("/v1.3/list?search=nobody+of+that+name").ok()["visitors"], json!([]));
    let last = client.get("/v1.3/cobrowsing_sessions/list?after_id=s_100999").ok();
    assert_eq!((&last["last_id"], &last["has_more"]), (&json!("s_101000"), &json!(false)));
    // Generous, for an unoptimized build on a busy machine.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn dropping_it_closes_connections_and_frees_the_port() {
    let sandbox = sandbox();
    let port = sandbox.port();
    assert_eq!(sandbox.base_url(), format!("http://127.0.0.1:{port}/v1.3"));
    assert_eq!(sandbox.control_url(), format!("http://127.0.0.1:{port}/_sandbox"));
    let mut idle = Client::to(&sandbox);
    idle.get("/v1.3/usage").ok();
    let mut busy = Client::to(&sandbox);
    idle.faults(&json!([{"delay_ms": 60_000}]));
    busy.send("GET", "/v1.3/usage", &[], b"").unwrap();
    eventually(|| idle.journal().len() == 2);
    drop(sandbox);
    assert!(matches!(idle.read_rest().as_deref(), Ok([]) | Err(_)));
    assert!(matches!(busy.read_rest().as_deref(), Ok([]) | Err(_)));
    assert!(Client::to_port(port).is_err());
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free again");
}

#[test]
fn a_taken_port_is_an_error() {
    let sandbox = sandbox();
    let options = upscope_sandbox::Options { port: sandbox.port(), ..Default::default() };
    assert!(upscope_sandbox::Sandbox::start(options).is_err());
}
