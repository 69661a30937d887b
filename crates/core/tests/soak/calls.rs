//! One random call: its request, its duration and its result.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use upscope::{CancelToken, Client, Control, Error, log};

use super::health;
use super::random::Random;
use super::sandbox_control::SandboxControl;

/// The numbers of visitors who are online, so that they cannot be deleted, and of visitors who can be deleted.
const ONLINE: u64 = 16;
const DELETABLE: u64 = 64;

thread_local! {
    static LINES: RefCell<Vec<(Instant, String)>> = const { RefCell::new(Vec::new()) };
}

/// Collects the log lines of each thread's call, which show where the time went.
pub fn collect_log_lines() {
    let collect = |_, line: &str| LINES.with_borrow_mut(|lines| lines.push((Instant::now(), line.to_owned())));
    log::set_logger(Some(Arc::new(collect)), 5);
}

/// The data that calls use.
#[derive(Default)]
pub struct TestData {
    next_tag: AtomicU64,
}

impl TestData {
    /// Creates the same visitors for every round.
    pub fn prepare(&self, control: &SandboxControl) {
        control.reset();
        for number in 0..ONLINE {
            control.add_visitor(&format!("online-{number}"), true);
        }
        for number in 0..DELETABLE {
            control.add_visitor(&format!("deletable-{number}"), false);
        }
    }
}

/// A call that has ended.
pub struct Record {
    pub tag: u64,
    pub operation: &'static str,
    pub method: &'static str,
    pub max_retries: u64,
    pub timeout: Duration,
    pub start: Instant,
    pub elapsed: Duration,
    /// The part of `elapsed` in which the thread could run but had no processor.
    pub unscheduled: Duration,
    /// The time from the cancellation to the end of the call.
    pub cancelled_after: Option<Duration>,
    /// None if the call succeeded.
    pub error: Option<Error>,
    /// The response belongs to another call.
    pub wrong_response: bool,
    /// The log lines of the call, with the time since its start.
    pub lines: Vec<(Duration, String)>,
}

pub fn make(client: &Client, test_data: &TestData, canceller: &Canceller, random: &mut Random) -> Record {
    let tag = test_data.next_tag.fetch_add(1, Ordering::Relaxed);
    let (operation, method, mut request) = random_request(tag, random);
    let visitor = request["visitor_id"].as_str().map(str::to_owned);
    let max_retries = random.below(4);
    let timeout_ms = *random.pick(&[2, 10, 50, 100, 200, 400, 800, 800, 1500, 3000]);
    let mut options = json!({"timeout_ms": timeout_ms, "max_retries": max_retries});
    if operation == "request" {
        request["query"] = json!({"tag": tag});
    } else {
        options["extra_query"] = json!({"tag": tag});
    }
    request["options"] = options;
    let request = request.to_string();

    let token = random.chance(50).then(CancelToken::new);
    let control = token.as_ref().map(Control::cancelled_by).unwrap_or_default();
    let unscheduled_before = health::unscheduled_time();
    let start = Instant::now();
    let cancel_at = token.map(|token| canceller.cancel_at(start + Duration::from_millis(random.below(300)), token));
    let result = client.call_with(operation, &request, &control);
    let end = Instant::now();
    let wrong_response = match (operation, &result) {
        ("get_visitor", Ok(text)) => {
            let response: Value = serde_json::from_str(text).unwrap_or_default();
            response["visitor"]["short_id"].as_str() != visitor.as_deref()
        }
        _ => false,
    };
    Record {
        tag,
        operation,
        method,
        max_retries,
        timeout: Duration::from_millis(timeout_ms),
        start,
        elapsed: end - start,
        unscheduled: health::unscheduled_time() - unscheduled_before,
        cancelled_after: cancel_at.and_then(|at| end.checked_duration_since(at)),
        error: result.err(),
        wrong_response,
        lines: LINES.take().into_iter().map(|(at, line)| (at.saturating_duration_since(start), line)).collect(),
    }
}

fn random_request(tag: u64, random: &mut Random) -> (&'static str, &'static str, Value) {
    let online = format!("online-{}", random.below(ONLINE));
    let deletable = format!("deletable-{}", random.below(DELETABLE));
    let agent = json!({"id": format!("agent-{tag}"), "name": "Soak"});
    match random.below(1000) {
        0..100 => ("get_usage", "GET", json!({})),
        100..200 => ("list_visitors", "GET", json!({"max_results": 3})),
        200..400 => ("get_visitor", "GET", json!({"visitor_id": online})),
        400..450 => ("lookup_agent", "GET", json!({"external_id": format!("agent-{}", tag / 2)})),
        450..500 => ("list_sessions", "GET", json!({"ongoing_only": true})),
        500..700 => {
            let metadata = json!({"call": tag});
            ("create_watch_url", "POST", json!({"visitor_id": online, "agent": agent, "metadata": metadata}))
        }
        700..800 => ("authorize_onpremise_session", "POST", json!({"visitor_id": online, "agent": agent})),
        800..880 => {
            let path = format!("/visitors/{online}/watch_url");
            ("request", "POST", json!({"method": "POST", "path": path, "body": {"agent": agent}}))
        }
        880..940 => ("stop_session", "DELETE", json!({"visitor_id": online})),
        940..998 => ("delete_visitor", "DELETE", json!({"visitor_id": deletable})),
        _ => ("delete_all_visitors", "DELETE", json!({"all": true})),
    }
}

/// Cancels calls at given times in a separate thread.
pub struct Canceller(mpsc::Sender<(Instant, CancelToken)>);

impl Canceller {
    pub fn start() -> Canceller {
        let (send, receive) = mpsc::channel::<(Instant, CancelToken)>();
        thread::spawn(move || {
            let mut due: Vec<(Instant, CancelToken)> = Vec::new();
            loop {
                let next = due.iter().map(|(at, _)| *at).min();
                let wait = next.map_or(Duration::from_secs(1), |at| at.saturating_duration_since(Instant::now()));
                match receive.recv_timeout(wait) {
                    Ok(entry) => due.push(entry),
                    Err(mpsc::RecvTimeoutError::Disconnected) => return,
                    Err(mpsc::RecvTimeoutError::Timeout) => {}
                }
                let now = Instant::now();
                due.retain(|(at, token)| {
                    if *at <= now {
                        token.cancel();
                    }
                    *at > now
                });
            }
        });
        Canceller(send)
    }

    fn cancel_at(&self, at: Instant, token: CancelToken) -> Instant {
        self.0.send((at, token)).unwrap();
        at
    }
}
