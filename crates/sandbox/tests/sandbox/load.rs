//! Load: many connections, with faults, for as long as `LOAD_SECONDS` says. Run it with `make load-sandbox`.
//!
//! Each connection changes a visitor of its own and reads it back, so that a lost or repeated change is noticed. The
//! share of requests with a fault is known for each operation, so that other errors and missing faults are noticed.

use std::io::{Error, ErrorKind};
use std::process::Child;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, Response};
use crate::command_line::{port_of, program, start_command};

const CONNECTIONS: usize = 200;
const SESSIONS_OF_EACH: usize = 5;
/// The request log is full after as many requests. Until then, memory grows.
const REQUESTS_UNTIL_FULL: u64 = 110_000;

/// What happens to a share of the requests of an operation.
struct Rule {
    method: &'static str,
    path: &'static str,
    rate: f64,
    fault: &'static str,
}

const fn rule(method: &'static str, path: &'static str, rate: f64, fault: &'static str) -> Rule {
    Rule { method, path, rate, fault }
}

const RULES: [Rule; 6] = [
    rule("GET", "/visitors/{id}", 0.2, r#"{"status": 503, "headers": {"X-Injected": "1"}, "body": "{}"}"#),
    rule("POST", "/visitors/{id}/watch_url", 0.3, r#"{"drop": "reset"}"#),
    rule("DELETE", "/visitors/{id}/session", 0.2, r#"{"drop": "after_response"}"#),
    rule("DELETE", "/visitors/{id}", 0.3, r#"{"drop": "before_response"}"#),
    rule("GET", "/list", 0.1, r#"{"drop": "mid_body"}"#),
    rule("GET", "/usage", 0.2, r#"{"delay_ms": 5, "body_ms": 10}"#),
];

impl Rule {
    fn matches(&self, method: &str, target: &str) -> bool {
        let Some(path) = target.strip_prefix("/v1.3") else { return false };
        let same = |(pattern, segment): (&str, &str)| pattern == segment || pattern == "{id}";
        method == self.method
            && path.split('/').count() == self.path.split('/').count()
            && self.path.split('/').zip(path.split('/')).all(same)
    }

    fn definition(&self) -> Value {
        let mut rule: Value = serde_json::from_str(self.fault).expect("JSON");
        rule["match"] = json!({"method": self.method, "path": self.path});
        rule["rate"] = json!(self.rate);
        rule
    }

    fn closes_the_connection(&self) -> bool {
        self.fault.contains("drop")
    }
}

#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    /// The requests that each rule applied to.
    of_rules: [AtomicU64; RULES.len()],
    scripted: AtomicU64,
    closed: AtomicU64,
    cycles: AtomicU64,
}

impl Counts {
    /// The number of errors that the rules should have caused.
    fn expected(&self, errors_of: impl Fn(&Rule) -> bool) -> f64 {
        let of_rule = |(rule, count): (&Rule, &AtomicU64)| rule.rate * count.load(Relaxed) as f64;
        RULES.iter().zip(&self.of_rules).filter(|(rule, _)| errors_of(rule)).map(of_rule).sum()
    }
}

/// One connection, and what the sandbox must know about its visitors.
struct Connection<'a> {
    port: u16,
    client: Client,
    number: usize,
    /// The ids of the sessions that this connection started.
    sessions: Vec<String>,
    counts: &'a Counts,
}

impl<'a> Connection<'a> {
    fn new(port: u16, number: usize, counts: &'a Counts) -> Self {
        let client = Client::connect_to_port(port).expect("a listening sandbox");
        Self { port, client, number, sessions: Vec::new(), counts }
    }

    /// Repeats a request until no fault hits it. Also returns whether an earlier attempt may have been executed.
    fn call(&mut self, method: &str, target: &str, body: Option<&Value>) -> (Response, bool) {
        let body = body.map_or_else(String::new, Value::to_string);
        let headers: &[_] = if body.is_empty() { &[] } else { &[("Content-Type", "application/json")] };
        let rule = RULES.iter().position(|rule| rule.matches(method, target));
        let mut repeated = false;
        loop {
            self.counts.requests.fetch_add(1, Relaxed);
            if let Some(rule) = rule {
                self.counts.of_rules[rule].fetch_add(1, Relaxed);
            }
            match self.client.call(method, target, headers, body.as_bytes()) {
                Ok(response) if response.header("x-injected").is_some() => {
                    assert_eq!(response.status, 503);
                    self.counts.scripted.fetch_add(1, Relaxed);
                }
                Ok(response) => return (response, repeated),
                Err(error) if is_closed(&error) => {
                    self.counts.closed.fetch_add(1, Relaxed);
                    repeated = true;
                    self.client = Client::connect_to_port(self.port).expect("a listening sandbox");
                }
                Err(error) => panic!("{method} {target}: {error}"),
            }
        }
    }

    fn call_ok(&mut self, method: &str, target: &str, body: Option<&Value>) -> Value {
        self.call(method, target, body).0.expect_ok()
    }

    /// Changes the visitors of this connection, and checks that the sandbox has exactly these changes.
    fn run_cycle(&mut self, cycle: u64) {
        let (kept, deleted) = (format!("KEPT{}", self.number), format!("DELETED{}", self.number));
        let name = format!("Visitor {} of cycle {cycle}", self.number);
        let visitor = json!({"short_id": kept, "name": name, "is_online": true});
        self.call_ok("POST", "/_sandbox/visitors", Some(&visitor));
        if self.sessions.len() < SESSIONS_OF_EACH {
            let agent = json!({"agent": {"id": "7", "name": "Sam"}});
            let link = self.call_ok("POST", &format!("/v1.3/visitors/{kept}/watch_url"), Some(&agent));
            let url = link["watch_url"].as_str().expect("a URL");
            let path = url.trim_start_matches(&format!("http://127.0.0.1:{}", self.port));
            let started = self.call_ok("POST", path, Some(&json!({})));
            self.sessions.push(started["session"]["id"].as_str().expect("an id").to_owned());
        }
        self.call_ok("DELETE", &format!("/v1.3/visitors/{kept}/session"), None);

        self.call_ok("POST", "/_sandbox/visitors", Some(&json!({"short_id": deleted, "is_online": false})));
        let (response, repeated) = self.call("DELETE", &format!("/v1.3/visitors/{deleted}"), None);
        assert!(response.status == 200 || (repeated && response.status == 404), "{response:?}");
        let (response, _) = self.call("GET", &format!("/v1.3/visitors/{deleted}"), None);
        assert_eq!(response.status, 404);

        self.call_ok("GET", "/v1.3/usage", None);
        self.call_ok("GET", "/v1.3/list", None);
        let shown = self.call_ok("GET", &format!("/v1.3/visitors/{kept}"), None);
        assert_eq!(shown["visitor"]["name"], name.as_str());
        assert_eq!(shown["visitor"]["is_in_session"], false);
        self.counts.cycles.fetch_add(1, Relaxed);
    }
}

fn is_closed(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

/// The memory that a process uses, in bytes.
fn resident_memory(process: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a running process");
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).expect("a number") * 1024
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[test]
#[ignore = "takes minutes; use make load-sandbox"]
fn connections_with_faults_lose_no_state_and_memory_stays_flat() {
    let seconds = std::env::var("LOAD_SECONDS").map_or(60, |text| text.parse().expect("LOAD_SECONDS is a number"));
    let duration = Duration::from_secs(seconds);
    let (mut process, line) = start_command(program().arg("--exit-with-stdin"));
    let port = port_of(&line);
    let mut control = Client::connect_to_port(port).expect("a listening sandbox");
    control.set_faults(&RULES.iter().map(Rule::definition).collect());
    let counts = Counts::default();
    let stopped = AtomicBool::new(false);
    let started = Instant::now();

    let (first, last, sessions) = thread::scope(|scope| {
        let connections: Vec<_> = (0..CONNECTIONS)
            .map(|number| {
                let (counts, stopped) = (&counts, &stopped);
                scope.spawn(move || {
                    let mut connection = Connection::new(port, number, counts);
                    let mut cycle = 0;
                    while !stopped.load(Relaxed) || connection.sessions.len() < SESSIONS_OF_EACH {
                        connection.run_cycle(cycle);
                        cycle += 1;
                    }
                    connection.sessions
                })
            })
            .collect();

        let mut first = None;
        while started.elapsed() < duration && connections.iter().all(|connection| !connection.is_finished()) {
            if first.is_none()
                && started.elapsed() >= (duration / 3).min(Duration::from_secs(60))
                && counts.requests.load(Relaxed) > REQUESTS_UNTIL_FULL
            {
                first = Some((started.elapsed().as_secs(), resident_memory(&process)));
            }
            thread::sleep(Duration::from_millis(200));
        }
        let last = resident_memory(&process);
        stopped.store(true, Relaxed);
        let mut sessions: Vec<String> =
            connections.into_iter().flat_map(|connection| connection.join().expect("no unexpected error")).collect();
        sessions.sort_unstable();
        (first, last, sessions)
    });

    let requests = counts.requests.load(Relaxed);
    let (scripted, closed) = (counts.scripted.load(Relaxed), counts.closed.load(Relaxed));
    let cycles = counts.cycles.load(Relaxed);
    println!(
        "{seconds} s, {CONNECTIONS} connections: {requests} requests ({} per second), {cycles} checks of the state",
        requests / seconds.max(1)
    );
    let expected_scripted = counts.expected(|rule| rule.fault.contains("status"));
    let expected_closed = counts.expected(Rule::closes_the_connection);
    println!("injected: {scripted} responses with status 503 ({expected_scripted:.0} expected)");
    println!("injected: {closed} closed connections ({expected_closed:.0} expected); other errors: 0");
    let (first_seconds, first) = first.expect("too few requests to fill the request log: increase LOAD_SECONDS");
    println!("memory: {:.1} MB after {first_seconds} s, {:.1} MB at the end", megabytes(first), megabytes(last));

    assert!((scripted as f64 / expected_scripted - 1.0).abs() < 0.1, "too few or too many responses with status 503");
    assert!((closed as f64 / expected_closed - 1.0).abs() < 0.1, "too few or too many closed connections");
    assert!(last < first + first / 10 + 8_000_000, "the memory of the sandbox grows");
    // No session is missing, none is there twice, and none is still under way.
    control = Client::connect_to_port(port).expect("a listening sandbox");
    control.set_faults(&json!([]));
    let mut listed = listed_sessions(&mut control);
    listed.sort_unstable();
    assert_eq!(sessions.len(), CONNECTIONS * SESSIONS_OF_EACH);
    assert_eq!(listed, sessions);
    drop(process.stdin.take());
    assert!(process.wait().expect("a status").success());
}

/// The ids of all sessions of the visitors above.
fn listed_sessions(client: &mut Client) -> Vec<String> {
    let mut ids = Vec::new();
    let mut target = "/v1.3/cobrowsing_sessions/list".to_owned();
    loop {
        let page = client.get(&target).expect_ok();
        let sessions = page["cobrowsing_sessions"].as_array().expect("a list").clone();
        let of_visitors = |session: &&Value| session["visitor_id"].as_str().is_some_and(|id| id.starts_with("KEPT"));
        for session in sessions.iter().filter(of_visitors) {
            assert!(session["ended_at"].is_string(), "{session}");
            ids.push(session["id"].as_str().expect("an id").to_owned());
        }
        match (page["has_more"].as_bool(), sessions.last()) {
            (Some(true), Some(last)) => {
                let id = last["id"].as_str().expect("an id");
                target = format!("/v1.3/cobrowsing_sessions/list?after_id={id}");
            }
            _ => return ids,
        }
    }
}
