//! The faults, and the result of each in the terms of the contract.

use upscope_test_support::{Response, Step, gzip, http_response};

use super::bodies::{
    GOOD_BODY, MAX_BODY, PLANTED_SECRET, chunked_response, good_response, gzip_response, nested_body, padded_body,
};
use super::contract::AttemptResult::{
    self, ConnectionLost, InvalidBody, InvalidHttp, NotConnected, StaleConnection, Status, Success, Truncated,
};
use super::contract::RetryAfter::{self, Absent, Immediately, PastDeadline};
use super::operations::ExpectedBody;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerKind {
    Http,
    Https,
    /// The client uses TLS. The server performs `on_accept` instead of a handshake.
    FailsInHandshake,
    Refuses,
    NeverAccepts,
    UnknownHost,
}

/// What the server does with one request, and the result. The last attempt of a fault repeats for all further requests.
pub struct ScriptedAttempt {
    pub response: Option<Response>,
    /// The result depends on what the operation expects.
    pub result: Box<dyn Fn(ExpectedBody) -> AttemptResult + Sync + Send>,
}

pub struct Fault {
    pub name: String,
    pub server: ServerKind,
    pub on_accept: Option<Response>,
    /// The response to an earlier call, which leaves its connection in the pool.
    pub first_call: Option<Response>,
    pub attempts: Vec<ScriptedAttempt>,
    /// The call runs until its deadline, so the deadline is short.
    pub has_short_timeout: bool,
    /// Every error message contains this.
    pub message_part: &'static str,
}

impl Fault {
    pub fn script(&self) -> Vec<Response> {
        let attempts = self.attempts.iter().filter_map(|attempt| attempt.response.as_ref());
        self.first_call.iter().chain(attempts).cloned().collect()
    }

    /// Whether the server closes the connection of the first call.
    pub fn closes_first_call(&self) -> bool {
        self.first_call.as_ref().is_some_and(|response| !matches!(response.0.last(), Some(Step::Write(_))))
    }

    /// Whether the library itself chooses the delay before a retry.
    pub fn uses_backoff(&self) -> bool {
        let uses_backoff = |result| match result {
            NotConnected | ConnectionLost | StaleConnection | Truncated => true,
            Status(status, retry_after) => retry_after == Absent && matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
            _ => false,
        };
        self.attempts.iter().any(|attempt| uses_backoff((attempt.result)(ExpectedBody::Member)))
    }
}

pub fn fault(name: impl Into<String>, attempts: impl IntoIterator<Item = (Response, AttemptResult)>) -> Fault {
    let attempt = |(response, result)| ScriptedAttempt { response: Some(response), result: Box::new(move |_| result) };
    Fault {
        name: name.into(),
        server: ServerKind::Http,
        on_accept: None,
        first_call: None,
        attempts: attempts.into_iter().map(attempt).collect(),
        has_short_timeout: false,
        message_part: "",
    }
}

/// A fault with which no request arrives.
pub fn without_requests(name: &str, server: ServerKind, result: AttemptResult, message_part: &'static str) -> Fault {
    let attempt = ScriptedAttempt { response: None, result: Box::new(move |_| result) };
    Fault { server, attempts: vec![attempt], message_part, ..fault(name, []) }
}

/// A response that only operations with these expectations accept.
fn body(name: &str, bytes: Vec<u8>, accepted_by: &'static [ExpectedBody]) -> Fault {
    let status = if bytes.starts_with(b"HTTP/1.1 204") { 204 } else { 200 };
    let result = move |expected| if accepted_by.contains(&expected) { Success } else { InvalidBody(status) };
    let attempt = ScriptedAttempt { response: Some(Response::bytes(bytes)), result: Box::new(result) };
    Fault { attempts: vec![attempt], ..fault(name, []) }
}

pub fn all() -> Vec<Fault> {
    let mut all = failed_connections();
    all.extend(broken_connections());
    all.extend(reused_connections());
    all.extend(invalid_responses());
    all.extend(unusual_responses());
    all.extend(statuses());
    all
}

fn failed_connections() -> Vec<Fault> {
    let mut all = vec![
        without_requests("connection refused", ServerKind::Refuses, NotConnected, "was refused"),
        without_requests("unknown host", ServerKind::UnknownHost, NotConnected, "found no address"),
    ];
    // On other systems, a full queue does not keep connections waiting.
    if cfg!(target_os = "linux") {
        let server = ServerKind::NeverAccepts;
        all.push(without_requests("connect_timeout_ms passes", server, NotConnected, "connect_timeout_ms"));
    }
    for (name, response) in [("closed", Response::close()), ("reset", Response::reset())] {
        let name = format!("{name} within the TLS handshake");
        let fault = without_requests(&name, ServerKind::FailsInHandshake, NotConnected, "TLS");
        all.push(Fault { on_accept: Some(response), ..fault });
    }
    all
}

/// A good response, and its result.
fn succeed() -> (Response, AttemptResult) {
    (Response::bytes(good_response()), Success)
}

/// Ways in which a connection breaks: on every attempt, and on the first attempt only.
fn broken_connections() -> Vec<Fault> {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/js".to_vec();
    let in_body = good_response()[..good_response().len() - 9].to_vec();
    let without_last_chunk = chunked_response("");
    let in_chunk = chunked_response("")[..80].to_vec();
    let zipped = gzip_response(&gzip(GOOD_BODY.as_bytes()));
    let in_gzip = zipped[..zipped.len() - 9].to_vec();
    let mut all = Vec::new();
    for (name, bytes, result) in [
        ("before the response", vec![], ConnectionLost),
        ("within the head", head, ConnectionLost),
        ("within the body", in_body, Truncated),
        ("within a chunk", in_chunk, Truncated),
        ("before the last chunk", without_last_chunk, Truncated),
        ("within gzip", in_gzip, Truncated),
    ] {
        let closed = Response::bytes_then_close(bytes.clone());
        for (how, response) in [("closed", closed), ("reset", Response::bytes_then_reset(bytes))] {
            all.push(fault(format!("{how} {name}"), [(response.clone(), result)]));
            all.push(fault(format!("{how} {name}, once"), [(response, result), succeed()]));
        }
    }
    for status in [404, 503] {
        let bytes = format!("HTTP/1.1 {status} Status\r\nContent-Length: 100\r\n\r\n{{\"error\":\"");
        let attempt = (Response::bytes_then_close(bytes), Status(status, Absent));
        all.push(fault(format!("closed within the body of a {status}"), [attempt]));
    }
    all
}

/// Faults of a connection that an earlier call left open.
fn reused_connections() -> Vec<Fault> {
    let reused = |name: &str, first_call: Response, attempts: Vec<(Response, AttemptResult)>| Fault {
        first_call: Some(first_call),
        ..fault(format!("reused connection, {name}"), attempts)
    };
    let open = || Response::bytes(good_response());
    let stale = || (Response::close(), StaleConnection);
    let lost = || (Response::close(), ConnectionLost);
    let not_found = || (Response::with_headers(404, "", ""), Status(404, Absent));
    let mut all = vec![
        reused("open", open(), vec![succeed()]),
        reused("closed before the request", Response::bytes_then_close(good_response()), vec![succeed()]),
        reused("closed on the request", open(), vec![stale(), succeed()]),
        reused("reset on the request", open(), vec![(Response::reset(), StaleConnection), succeed()]),
        reused("closed on two requests", open(), vec![stale(), lost(), succeed()]),
        reused("closed on every request", open(), vec![stale(), lost()]),
        reused("closed within the head", open(), vec![(Response::bytes_then_close("HTTP/1.1 2"), ConnectionLost)]),
        reused("closed on the request, then 404", open(), vec![stale(), not_found()]),
    ];
    // On other systems, a reset may discard the response before it.
    if cfg!(target_os = "linux") {
        all.push(reused("reset before the request", Response::bytes_then_reset(good_response()), vec![succeed()]));
    }
    let announced = http_response(200, "Connection: close\r\n", GOOD_BODY.as_bytes());
    all.push(reused("closed as announced", Response::bytes_then_close(announced), vec![succeed()]));
    let two = [good_response(), b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n".to_vec()].concat();
    all.push(reused("with an unsolicited response", Response::bytes_then_close(two), vec![succeed()]));
    all
}

/// Complete responses that no operation accepts, or only some.
fn invalid_responses() -> Vec<Fault> {
    use ExpectedBody::{Anything, Json, Member};
    let not_http = |name: &str, bytes: Vec<u8>| fault(name, [(Response::bytes_then_close(bytes), InvalidHttp)]);
    let json = |text: &str| http_response(200, "", text.as_bytes());
    let zipped = gzip(GOOD_BODY.as_bytes());
    let mut corrupt = zipped.clone();
    corrupt[20..40].fill(0xff);
    let bomb = gzip(&vec![b' '; 50 * MAX_BODY]);
    let wrong_types = r#"{"usage":[],"visitors":{},"visitor":"v","watch_url":7,"agent":null,"cobrowsing_sessions":{},"authorized":"yes"}"#;
    let conflicting =
        format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: {}\r\n\r\n{}", GOOD_BODY.len(), *GOOD_BODY);
    let long_head = format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 2\r\n\r\n{{}}", "x".repeat(70_000));
    let bad_chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n";
    vec![
        not_http("not HTTP", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        not_http("zeros", vec![0; 4096]),
        not_http("conflicting lengths", conflicting.into_bytes()),
        not_http("a head of 70 KB", long_head.into_bytes()),
        fault("a chunk without a size", [(Response::bytes_then_close(bad_chunk), InvalidBody(200))]),
        body("not gzip", gzip_response(PLANTED_SECRET.as_bytes()), &[]),
        body("gzip, corrupt", gzip_response(&corrupt), &[]),
        body("gzip, truncated", gzip_response(&zipped[..zipped.len() - 12]), &[]),
        Fault { message_part: "max_response_bytes", ..body("gzip bomb", gzip_response(&bomb), &[]) },
        Fault { message_part: "max_response_bytes", ..body("too large", json(&padded_body(MAX_BODY + 1)), &[]) },
        Fault {
            message_part: "UTF-8",
            ..body("not UTF-8", http_response(200, "", b"{\"visitor\":{},\"a\":\"\xff\"}"), &[])
        },
        body("UTF-16", http_response(200, "", b"\xff\xfe{\0}\0"), &[]),
        Fault { message_part: "128 levels", ..body("129 levels", json(&nested_body(129)), &[]) },
        body("10,000 levels", json(&nested_body(10_000)), &[]),
        body("HTML", json("<html>planted-watch-link-0123456789</html>"), &[]),
        body("truncated JSON", json(&GOOD_BODY[..GOOD_BODY.len() - 1]), &[]),
        body("two JSON texts", json("{} {}"), &[]),
        body("plain text", json("ok"), &[Anything]),
        body("empty body", json(""), &[Anything, Json]),
        body("204", b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), &[Anything, Json]),
        body("null", json("null"), &[Anything, Json]),
        body("array", json("[]"), &[Anything, Json]),
        body("without the expected member", json(r#"{"status":"ok"}"#), &[Anything, Json]),
        body("expected member of another type", json(wrong_types), &[Anything, Json]),
        body("authorized without a token", json(&GOOD_BODY.replace("\"token\"", "\"tok\"")), &[Anything, Json, Member]),
    ]
}

/// Unusual responses that every operation accepts.
fn unusual_responses() -> Vec<Fault> {
    let good = |name: &str, bytes: Vec<u8>| fault(name, [(Response::bytes(bytes), Success)]);
    let until_close = format!("HTTP/1.0 200 OK\r\n\r\n{}", *GOOD_BODY);
    vec![
        good("good", good_response()),
        good("good, chunked with a trailer", chunked_response("0\r\nX: y\r\n\r\n")),
        good("good, gzip", gzip_response(&gzip(GOOD_BODY.as_bytes()))),
        good("good, as large as allowed", http_response(200, "", padded_body(MAX_BODY).as_bytes())),
        good("good, 128 levels", http_response(200, "", nested_body(128).as_bytes())),
        good("good, 201", http_response(201, "", GOOD_BODY.as_bytes())),
        good(
            "good, after early hints",
            [b"HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n".to_vec(), good_response()].concat(),
        ),
        fault("good, until the connection ends", [(Response::bytes_then_close(until_close), Success)]),
    ]
}

fn statuses() -> Vec<Fault> {
    let error = format!(r#"{{"status":"error","error":"some_code","link":"{PLANTED_SECRET}"}}"#);
    let attempt = |status: u16, headers: &str, retry_after: RetryAfter| {
        (Response::with_headers(status, headers, &error), Status(status, retry_after))
    };
    let mut all = Vec::new();
    for status in [300, 301, 302, 304, 400, 401, 402, 403, 404, 405, 409, 410, 418, 422, 499, 501, 505, 507, 511] {
        // Following the redirect would send a second request.
        all.push(fault(format!("{status}"), [attempt(status, "Location: /v1.3/elsewhere\r\n", Absent)]));
    }
    let retry_now = |status| attempt(status, "Retry-After: 0\r\n", Immediately);
    let last = |status| attempt(status, "", Absent);
    for status in [408, 429, 500, 502, 503, 504] {
        for (name, header, retry_after) in [
            ("missing", "", Absent),
            ("of 0 s", "Retry-After: 0\r\n", Immediately),
            ("past the deadline", "Retry-After: 86400\r\n", PastDeadline),
            ("in the past", "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", Immediately),
            ("far in the future", "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n", PastDeadline),
        ] {
            all.push(fault(format!("{status}, Retry-After {name}"), [attempt(status, header, retry_after)]));
        }
        all.push(fault(format!("{status}, once"), [retry_now(status), succeed()]));
    }
    all.push(fault("429, invalid Retry-After", [attempt(429, "Retry-After: soon\r\n", Absent)]));
    let many_digits = "Retry-After: 99999999999999999999999\r\n";
    all.push(fault("503, Retry-After with too many digits", [attempt(503, many_digits, PastDeadline)]));
    all.push(fault("502, then 404", [retry_now(502), last(404)]));
    all.push(fault("429, then 503, then good", [retry_now(429), retry_now(503), succeed()]));
    all.push(fault("429, then 401", [retry_now(429), last(401)]));
    let not_json = (Response::with_headers(200, "", "<p>"), InvalidBody(200));
    all.push(fault("503, then not JSON", [retry_now(503), not_json]));
    all
}
