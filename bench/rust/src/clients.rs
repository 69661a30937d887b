//! The clients, each configured as its documentation advises for many calls.

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use upscope::operations::{Branding, CreateWatchUrl, GetUsage, GetVisitor, ListSessions, Naked, WatchAgent};

use crate::cases::Call;
use crate::raw_socket::RawSocket;

type Once = Box<dyn FnMut(&Call)>;

/// The name of each client, and a function that makes a call with it.
pub fn all(port: u16) -> Vec<(&'static str, Once)> {
    let mut raw = RawSocket::new(port);
    let raw: Once = Box::new(move |call| raw.call(call));
    vec![
        ("raw", raw),
        ("upscope", by_upscope(port, upscope_json)),
        ("upscope_typed", by_upscope(port, upscope_typed)),
        ("hyper", by_hyper(port)),
        ("ureq", by_ureq(port, ureq_text)),
        ("ureq_json", by_ureq(port, ureq_json)),
        ("ureq_no_agent", by_ureq_get(port)),
        ("reqwest", by_reqwest(port, reqwest_text)),
        ("reqwest_json", by_reqwest(port, reqwest_json)),
    ]
}

fn url(port: u16, call: &Call) -> String {
    format!("http://127.0.0.1:{port}{}", call.path)
}

fn by_upscope(port: u16, once: fn(&upscope::Client, &Call)) -> Once {
    let config =
        upscope::Config::new().api_key("bench-key").base_url(format!("http://127.0.0.1:{port}/v1.3")).proxy("");
    let client = upscope::Client::new(config).expect("a client");
    Box::new(move |call| once(&client, call))
}

fn upscope_json(client: &upscope::Client, call: &Call) {
    black_box(client.call(call.name, call.request).expect("a response"));
}

fn upscope_typed(client: &upscope::Client, call: &Call) {
    match call.name {
        "get_usage" => {
            black_box(client.send(&GetUsage::new()).expect("usage"));
        }
        "get_visitor" => {
            black_box(client.send(&GetVisitor::new("VISITOR42")).expect("a visitor"));
        }
        "create_watch_url" => {
            let metadata = serde_json::Map::from_iter([("ticket".to_owned(), 4711.into())]);
            let request = CreateWatchUrl::new("VISITOR42", WatchAgent::new("7").name("Joe Smith"))
                .branding(Branding::new().naked(Naked::Yes))
                .metadata(metadata);
            black_box(client.send(&request).expect("a link"));
        }
        _ => {
            black_box(client.send(&ListSessions::new()).expect("sessions"));
        }
    }
}

/// The agent from its README, with connection reuse.
fn by_ureq(port: u16, read: fn(&mut ureq::Body)) -> Once {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().proxy(None).timeout_global(Some(Duration::from_secs(30))).build().into();
    Box::new(move |call| {
        let url = url(port, call);
        let response = match call.body {
            None => agent.get(url).header("X-Api-Key", "bench-key").header("Accept", "application/json").call(),
            Some(body) => agent
                .post(url)
                .header("X-Api-Key", "bench-key")
                .header("Accept", "application/json")
                .content_type("application/json")
                .send(body),
        };
        read(response.expect("a response").body_mut());
    })
}

fn ureq_text(body: &mut ureq::Body) {
    black_box(body.read_to_string().expect("a body"));
}

fn ureq_json(body: &mut ureq::Body) {
    black_box(body.read_json::<Value>().expect("JSON"));
}

/// The first example of its README: a new connection for each call.
fn by_ureq_get(port: u16) -> Once {
    Box::new(move |call| {
        let url = url(port, call);
        let response = match call.body {
            None => ureq::get(url).header("X-Api-Key", "bench-key").header("Accept", "application/json").call(),
            Some(body) => ureq::post(url)
                .header("X-Api-Key", "bench-key")
                .header("Accept", "application/json")
                .content_type("application/json")
                .send(body),
        };
        black_box(response.expect("a response").body_mut().read_to_string().expect("a body"));
    })
}

fn by_reqwest(port: u16, read: fn(reqwest::blocking::Response)) -> Once {
    let client =
        reqwest::blocking::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().expect("a client");
    Box::new(move |call| {
        let url = url(port, call);
        let request = match call.body {
            None => client.get(url),
            Some(body) => client.post(url).header("Content-Type", "application/json").body(body.to_owned()),
        };
        let request = request.header("X-Api-Key", "bench-key").header("Accept", "application/json");
        let response = request.send().expect("a response");
        assert!(response.status().is_success());
        read(response);
    })
}

fn reqwest_text(response: reqwest::blocking::Response) {
    black_box(response.text().expect("a body"));
}

fn reqwest_json(response: reqwest::blocking::Response) {
    black_box(response.json::<Value>().expect("JSON"));
}

/// One connection with the low-level API, on a single-threaded runtime.
fn by_hyper(port: u16) -> Once {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut sender = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let (sender, connection) =
            hyper::client::conn::http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await.expect("a connection");
        tokio::spawn(connection);
        sender
    });
    let host = format!("127.0.0.1:{port}");
    Box::new(move |call| {
        runtime.block_on(async {
            let mut request = hyper::Request::builder()
                .method(call.method)
                .uri(call.path)
                .header("Host", &host)
                .header("X-Api-Key", "bench-key")
                .header("Accept", "application/json");
            if call.body.is_some() {
                request = request.header("Content-Type", "application/json");
            }
            let request = request.body(Full::from(call.body.unwrap_or(""))).expect("a request");
            sender.ready().await.expect("a connection");
            let response = sender.send_request(request).await.expect("a response");
            assert!(response.status().is_success());
            black_box(response.into_body().collect().await.expect("a body").to_bytes());
        });
    })
}
