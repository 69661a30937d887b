//! Closing a client ends its calls, wherever they wait.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use upscope::log::Level;
use upscope::{Client, Config, Error, ErrorCode};
use upscope_test_support::{Connection, FullListener, Response, ScriptedServer, serve_one};

use super::{CREATE, KEY, client, client_with, usage};

/// How long a call may take to end.
const MAX_DELAY: Duration = Duration::from_millis(200);
const TIMEOUT: Duration = Duration::from_secs(10);

const FIRST_PAGE: &str = r#"{"cobrowsing_sessions":[{"id":"s_1"}],"has_more":true,"last_id":"s_1"}"#;

/// Makes a call, and closes the client when `wait_until_busy` returns. Returns the error of the call.
fn close_during_call(client: &Client, (operation, request): (&str, &str), wait_until_busy: impl FnOnce()) -> Error {
    thread::scope(|scope| {
        let call = scope.spawn(|| (client.call(operation, request).unwrap_err(), Instant::now()));
        wait_until_busy();
        let closed = Instant::now();
        client.close();
        assert!(closed.elapsed() < MAX_DELAY, "close() waited for {:?}", closed.elapsed());
        let (error, end) = call.join().unwrap();
        let delay = end.saturating_duration_since(closed);
        assert!(delay < MAX_DELAY, "{delay:?}: {error}");
        assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
        assert!(!error.is_retryable(), "{error:?}");
        assert!(error.message().ends_with(", because the client was closed."), "{error}");
        error
    })
}

fn wait_for_request(server: &ScriptedServer) {
    while server.requests().is_empty() {
        thread::yield_now();
    }
}

/// Reports the log lines of the client up to this level.
fn log_to(client: &Client, max_level: Level, sender: Sender<()>) {
    let hook = move |_, _: &str| {
        let _ = sender.send(());
    };
    client.set_logger(Some(Arc::new(hook)), max_level as i32);
}

#[test]
fn while_waiting_for_the_response() {
    let server = ScriptedServer::new([Response::hang()]);
    let error = close_during_call(&client(&server), ("get_usage", "{}"), || wait_for_request(&server));
    assert!(error.message().contains("waiting for the answer") && !error.may_have_applied(), "{error:?}");
}

#[test]
fn while_reading_the_body_of_a_create_call() {
    let server = ScriptedServer::new([Response::bytes_then_hang("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")]);
    let error = close_during_call(&client(&server), CREATE, || wait_for_request(&server));
    assert!(error.may_have_applied(), "{error:?}");
}

#[test]
fn while_waiting_for_a_retry() {
    let server = ScriptedServer::new([Response::with_headers(503, "Retry-After: 20\r\n", "{}")]);
    let client = client_with(&server, |config| config.max_retries(3));
    let (sender, retries) = mpsc::channel();
    log_to(&client, Level::Warn, sender);
    let error = close_during_call(&client, ("get_usage", "{}"), || retries.recv_timeout(TIMEOUT).unwrap());
    assert!(error.message().contains("waiting to try again"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn while_connecting() {
    let server = FullListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let base_url = format!("http://{}", server.address());
    let client = Client::new(Config::new().api_key(KEY).base_url(base_url).proxy("")).unwrap();
    let (sender, attempts) = mpsc::channel();
    log_to(&client, Level::Trace, sender);
    close_during_call(&client, ("get_usage", "{}"), || attempts.recv_timeout(TIMEOUT).unwrap());
}

/// A server that reads the first bytes of a connection, says so, and then does nothing.
fn silent_server() -> (SocketAddr, Receiver<()>) {
    let (sender, received) = mpsc::channel();
    let (address, _server) = serve_one(move |mut connection: Connection| {
        assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
        sender.send(()).unwrap();
        connection.wait_for_close();
    });
    (address, received)
}

#[test]
fn during_the_tls_handshake_and_while_connecting_through_a_proxy() {
    type Configure = fn(Config, SocketAddr) -> Config;
    let cases: [(&str, Configure); 3] = [
        ("TLS", |config, address| config.base_url(format!("https://{address}")).proxy("")),
        ("proxy", |config, address| config.base_url("https://desk.example").proxy(format!("http://{address}"))),
        ("proxy", |config, address| config.base_url("https://desk.example").proxy(format!("socks5h://{address}"))),
    ];
    for (phase, configure) in cases {
        let (address, received) = silent_server();
        let client = Client::new(configure(Config::new().api_key(KEY), address)).unwrap();
        let error = close_during_call(&client, ("get_usage", "{}"), || received.recv_timeout(TIMEOUT).unwrap());
        assert!(error.message().contains(phase), "{error}");
    }
}

#[test]
fn later_calls_end_immediately_and_send_nothing() {
    let server = ScriptedServer::repeating(usage());
    let client = client(&server);
    let pages = client.session_pages("{}").unwrap();
    client.call("get_usage", "{}").unwrap();
    client.clone().close();
    client.close();
    let start = Instant::now();
    let errors = [
        client.call("get_usage", "{}").unwrap_err(),
        client.start_polled("get_usage", "{}").unwrap_err(),
        pages.next_page().unwrap_err(),
        pages.start_next(|_| ()).unwrap_err(),
        client.session_pages("{}").unwrap().next_page().unwrap_err(),
    ];
    assert!(start.elapsed() < MAX_DELAY, "{:?}", start.elapsed());
    for error in errors {
        assert_eq!(error.code(), ErrorCode::Cancelled);
        assert!(error.message().ends_with(" failed: the client is closed."), "{error}");
        assert!(error.operation().is_some() && !error.may_have_applied() && !error.is_retryable(), "{error:?}");
    }
    assert_eq!(server.requests().len(), 1);
    // What needs no call still works.
    assert_eq!(client.call("get_visitor", "{}").unwrap_err().code(), ErrorCode::InvalidArgument);
    assert!(client.connection_info_json().contains("base_url"));
}

#[test]
fn closing_ends_idle_connections_and_leaves_other_clients_alone() {
    let server = ScriptedServer::repeating(usage());
    let (closed, other) = (client(&server), client(&server));
    closed.call("get_usage", "{}").unwrap();
    other.call("get_usage", "{}").unwrap();
    closed.close();
    server.wait_for_closed_connection();
    other.call("get_usage", "{}").unwrap();
    assert_eq!(server.connections(), 2);
}

#[test]
fn all_started_calls_end_and_their_callbacks_run() {
    const CALLS: usize = 40;
    let server = ScriptedServer::repeating(Response::hang());
    let client = client(&server);
    let (sender, results) = mpsc::channel();
    let start = |sender: Sender<_>| client.start("get_usage", "{}", move |result| sender.send(result).unwrap());
    let calls: Vec<_> = (0..CALLS).map(|_| start(sender.clone()).unwrap()).collect();
    wait_for_request(&server);
    let closed = Instant::now();
    client.close();
    for call in &calls {
        let error = call.wait(Some(TIMEOUT)).unwrap().unwrap_err();
        assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
    }
    for _ in 0..CALLS {
        let error = results.recv_timeout(TIMEOUT).unwrap().unwrap_err();
        assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
    }
    assert!(closed.elapsed() < MAX_DELAY, "{:?}", closed.elapsed());
}

#[test]
fn a_queued_call_ends_although_all_threads_are_busy() {
    const THREADS: usize = 32;
    let server = ScriptedServer::repeating(usage());
    let client = client(&server);
    let (entered_sender, entered) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Arc::new(std::sync::Mutex::new(released));
    let busy: Vec<_> = (0..THREADS)
        .map(|_| {
            let (entered, released) = (entered_sender.clone(), released.clone());
            let block = move |_| {
                entered.send(()).unwrap();
                let _ = released.lock().unwrap().recv();
            };
            client.start("get_usage", "{}", block).unwrap()
        })
        .collect();
    for _ in 0..THREADS {
        entered.recv_timeout(TIMEOUT).unwrap();
    }
    let queued = client.start_polled("get_usage", "{}").unwrap();
    assert!(queued.wait(Some(Duration::ZERO)).is_none());
    client.close();
    let error = queued.wait(Some(MAX_DELAY)).unwrap().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
    drop(release);
    drop(busy);
}

#[test]
fn callers_that_wait_for_pages_end() {
    let server = ScriptedServer::new([Response::hang()]);
    let client = client(&server);
    let pages = client.session_pages("{}").unwrap();
    let (closed, ends) = thread::scope(|scope| {
        let calls: Vec<_> = (0..3).map(|_| scope.spawn(|| (pages.next_page().unwrap_err(), Instant::now()))).collect();
        wait_for_request(&server);
        let closed = Instant::now();
        client.close();
        (closed, calls.into_iter().map(|call| call.join().unwrap()).collect::<Vec<_>>())
    });
    for (error, end) in ends {
        assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
        assert!(end.saturating_duration_since(closed) < MAX_DELAY, "{error}");
    }
}

#[test]
fn a_prefetched_page_is_not_returned() {
    for second in [Response::hang(), Response::json(200, FIRST_PAGE)] {
        let server = ScriptedServer::new([Response::json(200, FIRST_PAGE), second]);
        let client = client(&server);
        let pages = client.session_pages("{}").unwrap();
        pages.prefetch(true);
        pages.next_page().unwrap();
        while server.requests().len() < 2 {
            thread::yield_now();
        }
        client.close();
        let start = Instant::now();
        let error = pages.next_page().unwrap_err();
        assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
        assert!(start.elapsed() < MAX_DELAY, "{:?}", start.elapsed());
    }
}

#[test]
fn from_a_callback_and_from_a_log_hook() {
    let server = ScriptedServer::new([usage(), Response::hang()]);
    let client = client(&server);
    let to_close = client.clone();
    let (sender, closed) = mpsc::channel();
    let close = move |_| {
        to_close.close();
        sender.send(()).unwrap();
    };
    let call = client.start("get_usage", "{}", close).unwrap();
    closed.recv_timeout(TIMEOUT).unwrap();
    assert!(call.wait(Some(TIMEOUT)).unwrap().is_ok());
    assert_eq!(client.call("get_usage", "{}").unwrap_err().code(), ErrorCode::Cancelled);

    let client = super::client(&server);
    let to_close = client.clone();
    client.set_logger(Some(Arc::new(move |_, _: &str| to_close.close())), Level::Trace as i32);
    assert_eq!(client.call("get_usage", "{}").unwrap_err().code(), ErrorCode::Cancelled);
    // The hook holds the client, and the client the hook.
    client.set_logger(None, 0);
}

#[test]
fn threads_that_make_one_call_after_another_end() {
    let server = ScriptedServer::repeating(usage());
    let client = client(&server);
    let (sender, succeeded) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..8 {
            let (client, sender) = (client.clone(), sender.clone());
            scope.spawn(move || {
                let error = loop {
                    match client.call("get_usage", "{}") {
                        Ok(_) => drop(sender.send(())),
                        Err(error) => break error,
                    }
                };
                assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
            });
        }
        for _ in 0..100 {
            succeeded.recv_timeout(TIMEOUT).unwrap();
        }
        client.close();
    });
}
