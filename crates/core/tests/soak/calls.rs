//! One random call: what it asked for, how long it took, what it told.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use upscope::{CancelToken, Client, Control, Error, log};

use super::control;
use super::health;
use super::random::Random;

/// Visitors who are online and so cannot be deleted, and visitors who can.
const STAYING: u64 = 16;
const GOING: u64 = 64;

thread_local! {
    static LINES: RefCell<Vec<(Instant, String)>> = const { RefCell::new(Vec::new()) };
}

/// Keeps what the library tells of the call that a thread makes, to find out where time went.
pub fn listen() {
    let keep = |_, line: &str| LINES.with_borrow_mut(|lines| lines.push((Instant::now(), line.to_owned())));
    log::set_logger(Some(Arc::new(keep)), 5);
}

/// What calls are about.
#[derive(Default)]
pub struct Target {
    next_tag: AtomicU64,
}

impl Target {
    /// The same visitors for every round.
    pub fn prepare(&self, control: &control::Control) {
        control.reset();
        for number in 0..STAYING {
            control.add_visitor(&format!("stays-{number}"), true);
        }
        for number in 0..GOING {
            control.add_visitor(&format!("goes-{number}"), false);
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
    pub began: Instant,
    pub took: Duration,
    /// Of `took`, the time for which the thread was ready to run and the machine had no processor for it.
    pub starved: Duration,
    /// From the request to cancel until the end.
    pub cancelled_after: Option<Duration>,
    /// None where the answer was handed out and is the right one.
    pub error: Option<Error>,
    pub wrong_answer: bool,
    /// What the library told meanwhile, with the time since the beginning.
    pub lines: Vec<(Duration, String)>,
}

pub fn make(client: &Client, target: &Target, canceller: &Canceller, random: &mut Random) -> Record {
    let tag = target.next_tag.fetch_add(1, Ordering::Relaxed);
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
    let starved_before = health::starved();
    let began = Instant::now();
    let cancel_at = token.map(|token| canceller.at(began + Duration::from_millis(random.below(300)), token));
    let result = client.call_with(operation, &request, &control);
    let ended = Instant::now();
    let answer = result.as_ref().ok();
    // An answer to another call would be the worst of all.
    let wrong_answer = match (operation, answer) {
        ("get_visitor", Some(answer)) => {
            let answer: Value = serde_json::from_str(answer).unwrap_or_default();
            answer["visitor"]["short_id"].as_str() != visitor.as_deref()
        }
        _ => false,
    };
    Record {
        tag,
        operation,
        method,
        max_retries,
        timeout: Duration::from_millis(timeout_ms),
        began,
        took: ended - began,
        starved: health::starved() - starved_before,
        cancelled_after: cancel_at.and_then(|at| ended.checked_duration_since(at)),
        error: result.err(),
        wrong_answer,
        lines: LINES.take().into_iter().map(|(at, line)| (at.saturating_duration_since(began), line)).collect(),
    }
}

fn random_request(tag: u64, random: &mut Random) -> (&'static str, &'static str, Value) {
    let stays = format!("stays-{}", random.below(STAYING));
    let goes = format!("goes-{}", random.below(GOING));
    let agent = json!({"id": format!("agent-{tag}"), "name": "Soak"});
    match random.below(1000) {
        0..100 => ("get_usage", "GET", json!({})),
        100..200 => ("list_visitors", "GET", json!({"max_results": 3})),
        200..400 => ("get_visitor", "GET", json!({"visitor_id": stays})),
        400..450 => ("lookup_agent", "GET", json!({"external_id": format!("agent-{}", tag / 2)})),
        450..500 => ("list_sessions", "GET", json!({"ongoing_only": true})),
        500..700 => {
            let metadata = json!({"call": tag});
            ("create_watch_url", "POST", json!({"visitor_id": stays, "agent": agent, "metadata": metadata}))
        }
        700..800 => ("authorize_onpremise_session", "POST", json!({"visitor_id": stays, "agent": agent})),
        800..880 => {
            let path = format!("/visitors/{stays}/watch_url");
            ("request", "POST", json!({"method": "POST", "path": path, "body": {"agent": agent}}))
        }
        880..940 => ("stop_session", "DELETE", json!({"visitor_id": stays})),
        940..998 => ("delete_visitor", "DELETE", json!({"visitor_id": goes})),
        _ => ("delete_all_visitors", "DELETE", json!({"all": true})),
    }
}

/// Ends calls at the times it is told, from a thread of its own.
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
                    Ok(order) => due.push(order),
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

    fn at(&self, at: Instant, token: CancelToken) -> Instant {
        self.0.send((at, token)).unwrap();
        at
    }
}
