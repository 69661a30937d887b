//! Runs one case: starts the server, makes the call and records the result.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use upscope::{Client, Config, Error};
use upscope_test_support::{Authority, FullListener, RefusingAddress, ScriptedServer};

use super::bodies::{self, PLANTED_SECRET};
use super::contract::{self, AttemptResult, CallResult, RetryAfter};
use super::faults::{Fault, ServerKind};
use super::operations::Operation;

const KEY: &str = "sk_live_planted_key_1234567890";

/// The deadline of calls that run until their deadline.
pub const TIMEOUT: Duration = Duration::from_millis(400);
/// The same with a TLS handshake, which is slow without optimisation.
const TLS_TIMEOUT: Duration = Duration::from_secs(5);
/// The deadline of all other calls: far away, but before a `Retry-After` that is past the deadline.
const LONG_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_millis(60);

/// The authority that clients trust, and the TLS configuration of servers.
static AUTHORITY: LazyLock<(Authority, Arc<rustls::ServerConfig>)> = LazyLock::new(|| {
    let authority = Authority::new("fault matrix");
    let config = authority.server_config("127.0.0.1");
    (authority, config)
});

#[derive(Clone)]
pub struct Case {
    pub fault: Arc<Fault>,
    pub operation: Operation,
    pub retries: u32,
}

pub struct Observed {
    pub result: CallResult,
    pub requests: usize,
    pub elapsed: Duration,
    /// The part of `elapsed` in which the thread could run but had no processor.
    pub unscheduled: Duration,
    /// The rule for all errors that this error breaks.
    pub violation: Option<String>,
}

pub struct Result {
    pub case: Case,
    pub observed: Observed,
    pub expected: (CallResult, usize),
}

impl Result {
    pub fn is_right(&self) -> bool {
        (self.observed.result, self.observed.requests) == self.expected && self.observed.violation.is_none()
    }
}

pub fn run(case: Case) -> Result {
    let attempts = case.fault.attempts.iter();
    let results: Vec<AttemptResult> = attempts.map(|attempt| (attempt.result)(case.operation.expected_body)).collect();
    let expected = contract::expected(&results, case.operation.kind, case.retries);
    let observed = observe(&case);
    Result { case, observed, expected }
}

fn observe(case: &Case) -> Observed {
    let fault = &case.fault;
    match &fault.server {
        ServerKind::Http | ServerKind::Https => {
            let mut server = ScriptedServer::builder().responses(fault.script()).repeat_last();
            if fault.server == ServerKind::Https {
                server = server.tls(AUTHORITY.1.clone());
            }
            let server = server.start();
            let client = client(case, &server.base_url());
            if fault.first_call.is_some() {
                client.call("get_usage", "{}").unwrap();
                if fault.closes_first_call() {
                    server.wait_for_closed_connection();
                }
            }
            let mut observed = call(case, &client);
            observed.requests = server.requests().len() - usize::from(fault.first_call.is_some());
            observed
        }
        ServerKind::FailsInHandshake => {
            let response = fault.on_accept.clone().unwrap();
            let server = ScriptedServer::builder().on_accept(move |_, mut connection| {
                // Closing with unread bytes would be a reset.
                let _ = connection.read(&mut [0; 4096]);
                connection.respond(&response);
                None
            });
            let server = server.start();
            call(case, &client(case, &format!("https://{}/v1.3", server.address())))
        }
        ServerKind::Refuses => {
            let server = RefusingAddress::new();
            call(case, &client(case, &format!("http://{}/v1.3", server.address())))
        }
        ServerKind::NeverAccepts => {
            let server = FullListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
            call(case, &client(case, &format!("http://{}/v1.3", server.address())))
        }
        // The name is longer than host names can be, so no resolver receives it.
        ServerKind::UnknownHost => call(case, &client(case, &format!("http://{}.localhost:1/v1.3", "x".repeat(64)))),
    }
}

fn client(case: &Case, base_url: &str) -> Client {
    let mut config = Config::new()
        .api_key(KEY)
        .base_url(base_url)
        .proxy("")
        .max_retries(case.retries)
        .timeout(match case.fault.server {
            _ if !case.fault.has_short_timeout => LONG_TIMEOUT,
            ServerKind::Https => TLS_TIMEOUT,
            _ => TIMEOUT,
        })
        .max_response_bytes(bodies::MAX_BODY);
    if case.fault.server == ServerKind::NeverAccepts && !case.fault.has_short_timeout {
        config = config.connect_timeout(CONNECT_TIMEOUT);
    }
    if case.fault.server == ServerKind::Https {
        config = config.ca_file(AUTHORITY.0.file());
    }
    Client::new(config).unwrap()
}

fn call(case: &Case, client: &Client) -> Observed {
    let operation = &case.operation;
    let unscheduled_before = unscheduled_time();
    let start = Instant::now();
    let result = client.call(operation.name, operation.request);
    let elapsed = start.elapsed();
    let unscheduled = unscheduled_time().saturating_sub(unscheduled_before);
    let (result, violation) = match result {
        Ok(_) => (CallResult::Success, None),
        Err(error) => (error_result(&error), violation(&error, operation, &case.fault)),
    };
    Observed { result, requests: 0, elapsed, unscheduled, violation }
}

fn error_result(error: &Error) -> CallResult {
    CallResult::Error {
        code: error.code(),
        http_status: error.http_status(),
        retryable: error.is_retryable(),
        may_have_applied: error.may_have_applied(),
        attempts: error.attempts(),
        retry_after: match error.retry_after() {
            None => RetryAfter::Absent,
            Some(delay) if delay < LONG_TIMEOUT => RetryAfter::Immediately,
            Some(_) => RetryAfter::PastDeadline,
        },
    }
}

fn violation(error: &Error, operation: &Operation, fault: &Fault) -> Option<String> {
    let shown = format!("{error:?} {}", error.to_json());
    let rules = [
        (shown.contains(PLANTED_SECRET) || shown.contains(KEY), "the error shows a secret"),
        (error.operation() != Some(operation.name), "the error names another operation"),
        (!error.message().ends_with(['.', '!']) || error.message().len() < 30, "the message is not a sentence"),
        (!error.message().contains(fault.message_part), "the message does not name the fault"),
    ];
    let (_, violation) = rules.iter().find(|(is_broken, _)| *is_broken)?;
    Some(format!("{violation}: {error:?}"))
}

/// How long this thread could run but had no processor. Zero where the system does not report it.
fn unscheduled_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').nth(1).and_then(|number| number.parse().ok()).unwrap_or(0))
}
