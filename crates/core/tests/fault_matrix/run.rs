//! One case: sets its fault up, makes the call, looks at what it told.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use socket2::{Domain, SockAddr, Socket, Type};
use upscope::{Client, Config, Error};

use super::bodies::{self, PLANTED};
use super::certificates::Authority;
use super::contract::{self, Fate, RetryAfter, Told};
use super::faults::{Fault, Place};
use super::operations::Operation;
use super::server::Server;

const KEY: &str = "sk_live_planted_key_1234567890";

/// The deadline of cases that reach it.
pub const TIMEOUT: Duration = Duration::from_millis(400);
/// The same with a handshake before it, which takes a while in a build that is not optimised.
const TLS_TIMEOUT: Duration = Duration::from_secs(5);
/// The deadline of all others: far away, and nearer than a `Retry-After` that does not fit.
const NO_HURRY: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_millis(60);

/// Whom clients trust, and how servers speak TLS.
static AUTHORITY: LazyLock<(Authority, Arc<rustls::ServerConfig>)> = LazyLock::new(|| {
    let authority = Authority::new("fault matrix");
    let config = authority.server("127.0.0.1", |_| {});
    (authority, config)
});

#[derive(Clone)]
pub struct Case {
    pub fault: Arc<Fault>,
    pub operation: Operation,
    pub retries: u32,
}

pub struct Observed {
    pub told: Told,
    pub requests: usize,
    pub took: Duration,
    /// Of that, the time for which the thread was ready to run and the machine had no processor for it.
    pub starved: Duration,
    /// What no error may do.
    pub improper: Option<String>,
}

pub struct Result {
    pub case: Case,
    pub observed: Observed,
    pub expected: (Told, usize),
}

impl Result {
    pub fn is_right(&self) -> bool {
        (self.observed.told, self.observed.requests) == self.expected && self.observed.improper.is_none()
    }
}

pub fn run(case: Case) -> Result {
    let fates: Vec<Fate> = case.fault.steps.iter().map(|step| (step.fate)(case.operation.promise)).collect();
    let expected = contract::expected(&fates, case.operation.kind, case.retries);
    let observed = observe(&case);
    Result { case, observed, expected }
}

fn observe(case: &Case) -> Observed {
    let fault = &case.fault;
    match &fault.place {
        Place::Serves | Place::ServesTls => {
            let tls = (fault.place == Place::ServesTls).then(|| AUTHORITY.1.clone());
            let scheme = if tls.is_some() { "https" } else { "http" };
            let server = Server::start(tls, fault.at_accept.clone(), fault.script());
            let client = client(case, &format!("{scheme}://{}", server.address()));
            let warm = fault.warm.is_some();
            if warm {
                client.call("get_usage", "{}").unwrap();
                if fault.closes_warm {
                    server.wait_until_closed();
                }
            }
            let mut observed = call(case, &client);
            observed.requests = server.requests() - usize::from(warm);
            observed
        }
        Place::SpeaksTls => {
            let server = Server::start(None, fault.at_accept.clone(), Vec::new());
            call(case, &client(case, &format!("https://{}", server.address())))
        }
        Place::Refuses => {
            // Bound, so that nobody else gets the port, and not listening.
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            call(case, &client(case, &format!("http://{}", bound(&socket))))
        }
        Place::NeverAccepts => {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            let address = bound(&socket);
            socket.listen(0).unwrap();
            let _fillers = fill(address);
            call(case, &client(case, &format!("http://{address}")))
        }
        // No resolver is asked for a name that is longer than names can be.
        Place::NoSuchName => call(case, &client(case, &format!("http://{}.localhost:1", "x".repeat(64)))),
    }
}

fn bound(socket: &Socket) -> SocketAddr {
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    socket.local_addr().unwrap().as_socket().unwrap()
}

/// Fills the queue of a listener that accepts nothing: what comes now waits in vain.
fn fill(address: SocketAddr) -> Vec<Socket> {
    let connect = |_| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_nonblocking(true).unwrap();
        let _ = socket.connect(&SockAddr::from(address));
        socket
    };
    (0..8).map(connect).collect()
}

fn client(case: &Case, url: &str) -> Client {
    let mut config = Config::new()
        .api_key(KEY)
        .base_url(format!("{url}/v1.3"))
        .proxy("")
        .max_retries(case.retries)
        .timeout(match case.fault.place {
            _ if !case.fault.hurries => NO_HURRY,
            Place::ServesTls => TLS_TIMEOUT,
            _ => TIMEOUT,
        })
        .max_response_bytes(bodies::MAX_BODY);
    if case.fault.place == Place::NeverAccepts && !case.fault.hurries {
        config = config.connect_timeout(CONNECT_TIMEOUT);
    }
    if case.fault.place == Place::ServesTls {
        config = config.ca_file(AUTHORITY.0.file());
    }
    Client::new(config).unwrap()
}

fn call(case: &Case, client: &Client) -> Observed {
    let operation = &case.operation;
    let starved_before = starved();
    let began = Instant::now();
    let result = client.call(operation.called, operation.request);
    let took = began.elapsed();
    let starved = starved().saturating_sub(starved_before);
    let (told, improper) = match result {
        Ok(_) => (Told::Answer, None),
        Err(error) => (told(&error), improper(&error, operation, &case.fault)),
    };
    Observed { told, requests: 0, took, starved, improper }
}

fn told(error: &Error) -> Told {
    Told::Error {
        code: error.code(),
        http_status: error.http_status(),
        retryable: error.is_retryable(),
        may_have_applied: error.may_have_applied(),
        attempts: error.attempts(),
        retry_after: match error.retry_after() {
            None => RetryAfter::Unsaid,
            Some(wait) if wait < NO_HURRY => RetryAfter::AtOnce,
            Some(_) => RetryAfter::TooLong,
        },
    }
}

fn improper(error: &Error, operation: &Operation, fault: &Fault) -> Option<String> {
    let shown = format!("{error:?} {}", error.to_json());
    let wrong = [
        (shown.contains(PLANTED) || shown.contains(KEY), "a secret is shown"),
        (error.operation() != Some(operation.called), "it names another operation"),
        (!error.message().ends_with(['.', '!']) || error.message().len() < 30, "the message is no sentence"),
        (!error.message().contains(fault.says), "the message does not say what it was"),
    ];
    let found = wrong.iter().find(|(wrong, _)| *wrong)?;
    Some(format!("{}: {error:?}", found.1))
}

/// For how long this thread was kept waiting for a processor. Zero where the system does not tell.
fn starved() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').nth(1).and_then(|number| number.parse().ok()).unwrap_or(0))
}
