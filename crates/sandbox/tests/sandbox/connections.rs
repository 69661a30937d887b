//! Connections: keep-alive, concurrency, pipelining, compression, limits and shutdown.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::json;

use crate::client::{Client, wait_until};
use crate::{start_sandbox, start_sandbox_with};

#[test]
fn connections_are_kept_alive() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for _ in 0..20 {
        client.get("/v1.3/usage").expect_ok();
        client.get("/v1.3/visitors/NOBODY").assert_error(404, "not_found");
        client.post("/v1.3/onpremise/token", &json!({})).assert_error(422, "invalid_request");
    }
    let other = Client::connect(&sandbox).get("/v1.3/usage").status;
    let requests = client.logged_requests();
    assert_eq!((requests.len(), other), (61, 200));
    assert!(requests[..60].iter().all(|request| request["connection"] == requests[0]["connection"]));
    assert_ne!(requests[60]["connection"], requests[0]["connection"]);
}

#[test]
fn serves_64_connections_at_once() {
    const CLIENTS: usize = 64;
    const ROUNDS: usize = 20;
    let sandbox = start_sandbox_with(0, 0);
    let mut clients: Vec<Client> = (0..CLIENTS).map(|_| Client::connect(&sandbox)).collect();
    std::thread::scope(|scope| {
        for (number, client) in clients.iter_mut().enumerate() {
            scope.spawn(move || {
                let id = format!("V{number}");
                client.put_visitor(&json!({"short_id": id}));
                let visitor = format!("/v1.3/visitors/{id}");
                for round in 0..ROUNDS {
                    client.open_watch_link(&id, &json!({"agent": {"id": "1"}, "metadata": {"round": round}}));
                    client.delete(&format!("{visitor}/session")).expect_ok();
                }
                let sessions = client.get(&visitor).expect_ok()["visitor"]["sessions"].clone();
                let rounds = sessions.as_array().unwrap().iter();
                let rounds: Vec<u64> = rounds.map(|session| session["metadata"]["round"].as_u64().unwrap()).collect();
                assert_eq!(rounds, (0..ROUNDS as u64).collect::<Vec<_>>());
            });
        }
    });
    let requests = clients[0].logged_requests();
    assert_eq!(requests.len(), CLIENTS * (ROUNDS * 3 + 1));
    let numbers: Vec<u64> = requests.iter().map(|request| request["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=requests.len() as u64).collect::<Vec<_>>());
}

#[test]
fn responses_to_pipelined_requests_are_in_order() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for target in ["/v1.3/visitors/NOBODY", "/v1.3/usage", "/v1.3/nothing"] {
        client.send("GET", target, &[], b"").unwrap();
    }
    let statuses: Vec<u16> = (0..3).map(|_| client.read_response("GET").unwrap().status).collect();
    assert_eq!(statuses, [404, 200, 404]);
    let paths: Vec<_> = client.logged_requests().iter().map(|request| request["path"].clone()).collect();
    assert_eq!(paths, ["/v1.3/visitors/NOBODY", "/v1.3/usage", "/v1.3/nothing"]);
}

#[test]
fn long_responses_are_compressed_if_the_client_accepts_gzip() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let plain = client.get("/v1.3/list");
    assert_eq!(plain.header("content-encoding"), None);
    let packed = client.call("GET", "/v1.3/list", &[("Accept-Encoding", "br, gzip")], b"").unwrap();
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < plain.body.len());
    let mut unpacked = Vec::new();
    GzDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    client.set_faults(&json!([{"status": 200, "body": "x".repeat(5_000)}]));
    let scripted = client.call("GET", "/v1.3/list", &[("Accept-Encoding", "gzip")], b"").unwrap();
    assert_eq!((scripted.header("content-encoding"), scripted.body.len()), (None, 5_000));
    let short = client.call("GET", "/v1.3/usage", &[("Accept-Encoding", "gzip")], b"").unwrap();
    assert_eq!(short.header("content-encoding"), None);
}

#[test]
fn bodies_over_4_megabytes_are_refused() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let large = vec![b' '; (4 << 20) + 1];
    let response =
        client.call("POST", "/v1.3/onpremise/token", &[("Content-Type", "application/json")], &large).unwrap();
    response.assert_error(413, "body_too_large");
    let whole = &large[1..];
    let response =
        client.call("POST", "/v1.3/onpremise/token", &[("Content-Type", "application/json")], whole).unwrap();
    response.assert_error(422, "invalid_request");
}

#[test]
fn control_bodies_may_have_1_gigabyte() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let name = "x".repeat(5 << 20);
    assert_eq!(client.put_visitor(&json!({"short_id": "V", "name": name}))["name"], name.as_str());

    let json = "Host: 127.0.0.1\r\nContent-Type: application/json\r\n";
    let length = (1 << 30) + 1;
    let head = format!("POST /_sandbox/visitors HTTP/1.1\r\n{json}Content-Length: {length}\r\n\r\n");
    client.send_bytes(head.as_bytes()).unwrap();
    // The sandbox answers when it has read this much, and closes the connection.
    let part = vec![b' '; 1 << 20];
    for _ in 0..64 {
        client.send_bytes(&part).unwrap();
    }
    client.send_bytes(b" ").unwrap();
    let response = client.read_response("POST").unwrap();
    assert_eq!(response.json()["message"], "the body is larger than 1 GB");
    assert_eq!(response.status, 413);

    // A web page cannot make the sandbox read that much.
    let mut page = Client::connect(&sandbox);
    let origin = [("Content-Type", "application/json"), ("Origin", "http://evil.example")];
    assert_eq!(page.call("POST", "/_sandbox/visitors", &origin, &vec![b' '; 5 << 20]).unwrap().status, 403);
}

#[test]
fn incomplete_and_malformed_requests_do_not_affect_other_clients() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.send("POST", "/v1.3/onpremise/token", &[("Content-Length", "100")], b"").unwrap();
    let mut observer = Client::connect(&sandbox);
    wait_until(|| !observer.logged_requests().is_empty());
    drop(client);
    wait_until(|| !observer.logged_requests()[0]["finished_ms"].is_null());
    assert_eq!(
        (&observer.logged_requests()[0]["status"], &observer.logged_requests()[0]["applied"]),
        (&json!(null), &json!(false))
    );
    let mut noise = Client::connect(&sandbox);
    noise.send("\u{1}\u{2}", "nonsense", &[], b"").unwrap();
    assert!(noise.read_rest().is_ok());
    observer.get("/v1.3/usage").expect_ok();
}

#[test]
fn starts_and_responds_quickly_with_large_data() {
    let begun = Instant::now();
    let sandbox = start_sandbox_with(10_000, 100_000);
    let mut client = Client::connect(&sandbox);
    assert_eq!(client.get("/v1.3/list?search=nobody+of+that+name").expect_ok()["visitors"], json!([]));
    let last = client.get("/v1.3/cobrowsing_sessions/list?after_id=s_100999").expect_ok();
    assert_eq!((&last["last_id"], &last["has_more"]), (&json!("s_101000"), &json!(false)));
    // A generous limit, for an unoptimized build on a busy machine.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn dropping_the_sandbox_closes_connections_and_frees_the_port() {
    let sandbox = start_sandbox();
    let port = sandbox.port();
    assert_eq!(sandbox.base_url(), format!("http://127.0.0.1:{port}/v1.3"));
    assert_eq!(sandbox.control_url(), format!("http://127.0.0.1:{port}/_sandbox"));
    let mut idle = Client::connect(&sandbox);
    idle.get("/v1.3/usage").expect_ok();
    let mut busy = Client::connect(&sandbox);
    idle.set_faults(&json!([{"delay_ms": 60_000}]));
    busy.send("GET", "/v1.3/usage", &[], b"").unwrap();
    wait_until(|| idle.logged_requests().len() == 2);
    drop(sandbox);
    assert!(matches!(idle.read_rest().as_deref(), Ok([]) | Err(_)));
    assert!(matches!(busy.read_rest().as_deref(), Ok([]) | Err(_)));
    assert!(Client::connect_to_port(port).is_err());
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free again");
}

#[test]
fn a_port_in_use_is_an_error() {
    let sandbox = start_sandbox();
    let options = upscope_sandbox::Options { port: sandbox.port(), ..Default::default() };
    assert!(upscope_sandbox::Sandbox::start(options).is_err());
}
