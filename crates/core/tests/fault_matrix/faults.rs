//! What goes wrong, and what the contract calls it.

use super::bodies::{GOOD, MAX_BODY, PLANTED, chunked, good, gzip_response, gzipped, nested, padded, response};
use super::contract::Fate::{self, CutShort, Good, Lost, NotHttp, NotReached, Stale, Status, Unreadable};
use super::contract::RetryAfter::{self, AtOnce, TooLong, Unsaid};
use super::operations::Promise;
use super::server::Act::{self, Send, SendThenClose, SendThenReset};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Serves,
    ServesTls,
    /// The client is told so, and the server does what it does at accept.
    SpeaksTls,
    Refuses,
    NeverAccepts,
    NoSuchName,
}

/// What happens to one request. The last step of a fault happens to all further ones.
pub struct Step {
    pub act: Option<Act>,
    /// Some bodies are good enough for some promises.
    pub fate: Box<dyn Fn(Promise) -> Fate + Sync + std::marker::Send>,
}

pub struct Fault {
    pub name: String,
    pub place: Place,
    pub at_accept: Option<Act>,
    /// What happens to a call before, so that its connection is kept.
    pub warm: Option<Act>,
    pub closes_warm: bool,
    pub steps: Vec<Step>,
    /// Reaches its deadline, which is near.
    pub hurries: bool,
    /// A part of every message.
    pub says: &'static str,
}

impl Fault {
    pub fn script(&self) -> Vec<Act> {
        self.warm.iter().chain(self.steps.iter().filter_map(|step| step.act.as_ref())).cloned().collect()
    }

    /// Whether the library itself decides how long to wait before it tries again.
    pub fn waits(&self) -> bool {
        let waits = |fate| match fate {
            NotReached | Lost | Stale | CutShort => true,
            Status(status, wait) => wait == Unsaid && matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
            _ => false,
        };
        self.steps.iter().any(|step| waits((step.fate)(Promise::Member)))
    }
}

pub fn fault(name: impl Into<String>, steps: impl IntoIterator<Item = (Act, Fate)>) -> Fault {
    let step = |(act, fate)| Step { act: Some(act), fate: Box::new(move |_| fate) };
    Fault {
        name: name.into(),
        place: Place::Serves,
        at_accept: None,
        warm: None,
        closes_warm: false,
        steps: steps.into_iter().map(step).collect(),
        hurries: false,
        says: "",
    }
}

/// No request arrives anywhere.
pub fn nowhere(name: &str, place: Place, fate: Fate, says: &'static str) -> Fault {
    let step = Step { act: None, fate: Box::new(move |_| fate) };
    Fault { place, steps: vec![step], says, ..fault(name, []) }
}

/// An answer that is good for some promises.
fn body(name: &str, bytes: Vec<u8>, good_for: &'static [Promise]) -> Fault {
    let status = if bytes.starts_with(b"HTTP/1.1 204") { 204 } else { 200 };
    let fate = move |promise| if good_for.contains(&promise) { Good } else { Unreadable(status) };
    Fault { steps: vec![Step { act: Some(Send(bytes)), fate: Box::new(fate) }], ..fault(name, []) }
}

pub fn all() -> Vec<Fault> {
    let mut all = connecting();
    all.extend(broken());
    all.extend(kept());
    all.extend(unreadable());
    all.extend(readable());
    all.extend(statuses());
    all
}

fn connecting() -> Vec<Fault> {
    let mut all = vec![
        nowhere("connection refused", Place::Refuses, NotReached, "was refused"),
        nowhere("no such name", Place::NoSuchName, NotReached, "found no address"),
    ];
    // Elsewhere a full queue does not keep connections waiting.
    if cfg!(target_os = "linux") {
        all.push(nowhere("connect_timeout_ms passes", Place::NeverAccepts, NotReached, "connect_timeout_ms"));
    }
    for (name, act) in [("closed", SendThenClose(vec![])), ("reset", SendThenReset(vec![]))] {
        let place = nowhere(&format!("TLS {name} before it stands"), Place::SpeaksTls, NotReached, "TLS");
        all.push(Fault { at_accept: Some(act), ..place });
    }
    all
}

/// How a connection breaks: each for good, and once with a good answer afterwards.
fn broken() -> Vec<Fault> {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/js".to_vec();
    let cut = good()[..good().len() - 9].to_vec();
    let unended = chunked("");
    let in_chunk = chunked("")[..80].to_vec();
    let zipped = gzip_response(&gzipped(GOOD.as_bytes()));
    let in_gzip = zipped[..zipped.len() - 9].to_vec();
    let mut all = Vec::new();
    for (name, bytes, fate) in [
        ("before the answer", vec![], Lost),
        ("within the head", head, Lost),
        ("within the body", cut, CutShort),
        ("within a chunk", in_chunk, CutShort),
        ("after the last chunk but one", unended, CutShort),
        ("within gzip", in_gzip, CutShort),
    ] {
        for (how, act) in [("closed", SendThenClose(bytes.clone())), ("reset", SendThenReset(bytes.clone()))] {
            all.push(fault(format!("{how} {name}"), [(act.clone(), fate)]));
            all.push(fault(format!("{how} {name}, once"), [(act, fate), (Send(good()), Good)]));
        }
    }
    all.push(fault("closed within the body of a 404", [(SendThenClose(part_of(404)), Status(404, Unsaid))]));
    all.push(fault("closed within the body of a 503", [(SendThenClose(part_of(503)), Status(503, Unsaid))]));
    all
}

fn part_of(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} Status\r\nContent-Length: 100\r\n\r\n{{\"error\":\"").into_bytes()
}

/// What becomes of a connection that was kept from an earlier call.
fn kept() -> Vec<Fault> {
    let kept = |name: &str, warm: Act, steps: Vec<(Act, Fate)>| {
        let closes_warm = !matches!(warm, Send(_));
        Fault { warm: Some(warm), closes_warm, ..fault(format!("kept, {name}"), steps) }
    };
    let well = || (Send(good()), Good);
    let close = || SendThenClose(vec![]);
    let reset = || SendThenReset(vec![]);
    let mut all = vec![
        kept("open", Send(good()), vec![well()]),
        kept("closed before", SendThenClose(good()), vec![well()]),
        kept("closed by the request", Send(good()), vec![(close(), Stale), well()]),
        kept("reset by the request", Send(good()), vec![(reset(), Stale), well()]),
        kept("closed by the request, and again", Send(good()), vec![(close(), Stale), (close(), Lost), well()]),
        kept("closed by every request", Send(good()), vec![(close(), Stale), (close(), Lost)]),
        kept("breaks within the head", Send(good()), vec![(SendThenClose(b"HTTP/1.1 2".to_vec()), Lost)]),
        kept(
            "closed, then 404",
            Send(good()),
            vec![(close(), Stale), (Send(response(404, "", b"")), Status(404, Unsaid))],
        ),
    ];
    // Elsewhere a reset may take the answer before it along.
    if cfg!(target_os = "linux") {
        all.push(kept("reset before", SendThenReset(good()), vec![well()]));
    }
    let announced = response(200, "Connection: close\r\n", GOOD.as_bytes());
    all.push(kept("closed as announced", SendThenClose(announced), vec![well()]));
    let chatty = [good(), b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n".to_vec()].concat();
    all.push(kept("with words nobody asked for", SendThenClose(chatty), vec![well()]));
    all
}

/// Whole answers that nobody can use, or that not everybody can.
fn unreadable() -> Vec<Fault> {
    use Promise::{Done, Json, Member};
    let json = |text: &str| response(200, "", text.as_bytes());
    let zipped = gzipped(GOOD.as_bytes());
    let mut corrupt = zipped.clone();
    corrupt[20..40].fill(0xff);
    let bomb = gzipped(&vec![b' '; 50 * MAX_BODY]);
    let mistyped = r#"{"usage":[],"visitors":{},"visitor":"v","watch_url":7,"agent":null,"cobrowsing_sessions":{},"authorized":"yes"}"#;
    let conflicting =
        format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: {}\r\n\r\n{}", GOOD.len(), *GOOD);
    let long_head = format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 2\r\n\r\n{{}}", "x".repeat(70_000));
    let bad_chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n".to_vec();
    vec![
        fault("not HTTP", [(SendThenClose(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), NotHttp)]),
        fault("zeros", [(SendThenClose(vec![0; 4096]), NotHttp)]),
        fault("conflicting lengths", [(SendThenClose(conflicting.into_bytes()), NotHttp)]),
        fault("a head of 70 KB", [(SendThenClose(long_head.into_bytes()), NotHttp)]),
        fault("a chunk of no size", [(SendThenClose(bad_chunk), Unreadable(200))]),
        body("gzip that is none", gzip_response(PLANTED.as_bytes()), &[]),
        body("gzip, corrupt", gzip_response(&corrupt), &[]),
        body("gzip, truncated", gzip_response(&zipped[..zipped.len() - 12]), &[]),
        Fault { says: "max_response_bytes", ..body("gzip bomb", gzip_response(&bomb), &[]) },
        Fault { says: "max_response_bytes", ..body("too large", json(&padded(MAX_BODY + 1)), &[]) },
        Fault { says: "UTF-8", ..body("not UTF-8", response(200, "", b"{\"visitor\":{},\"a\":\"\xff\"}"), &[]) },
        body("UTF-16", response(200, "", b"\xff\xfe{\0}\0"), &[]),
        Fault { says: "128 levels", ..body("129 levels", json(&nested(129)), &[]) },
        body("10,000 levels", json(&nested(10_000)), &[]),
        body("HTML", json("<html>planted-watch-link-0123456789</html>"), &[]),
        body("JSON cut short", json(&GOOD[..GOOD.len() - 1]), &[]),
        body("two JSON texts", json("{} {}"), &[]),
        body("plain text", json("ok"), &[Done]),
        body("nothing", json(""), &[Done, Json]),
        body("204", b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), &[Done, Json]),
        body("null", json("null"), &[Done, Json]),
        body("a list", json("[]"), &[Done, Json]),
        body("without what is promised", json(r#"{"status":"ok"}"#), &[Done, Json]),
        body("what is promised, of another type", json(mistyped), &[Done, Json]),
        body("authorized without a token", json(&GOOD.replace("\"token\"", "\"tok\"")), &[Done, Json, Member]),
    ]
}

/// Odd answers that are good ones.
fn readable() -> Vec<Fault> {
    let good_one = |name: &str, bytes: Vec<u8>| fault(name, [(Send(bytes), Good)]);
    vec![
        good_one("well", good()),
        good_one("well, chunked with a trailer", chunked("0\r\nX: y\r\n\r\n")),
        good_one("well, gzip", gzip_response(&gzipped(GOOD.as_bytes()))),
        good_one("well, as large as allowed", response(200, "", padded(MAX_BODY).as_bytes())),
        good_one("well, 128 levels", response(200, "", nested(128).as_bytes())),
        good_one("well, 201", response(201, "", GOOD.as_bytes())),
        good_one("well, after early hints", [b"HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n".to_vec(), good()].concat()),
        fault("well, until the end", [(SendThenClose(format!("HTTP/1.0 200 OK\r\n\r\n{}", *GOOD).into_bytes()), Good)]),
    ]
}

fn statuses() -> Vec<Fault> {
    let error = format!(r#"{{"status":"error","error":"some_code","link":"{PLANTED}"}}"#);
    let answer = |status: u16, headers: &str| Send(response(status, headers, error.as_bytes()));
    let mut all = Vec::new();
    for status in [300, 301, 302, 304, 400, 401, 402, 403, 404, 405, 409, 410, 418, 422, 499, 501, 505, 507, 511] {
        // A redirect that is followed would be a second request.
        let act = answer(status, "Location: /v1.3/elsewhere\r\n");
        all.push(fault(format!("{status}"), [(act, Status(status, Unsaid))]));
    }
    for status in [408, 429, 500, 502, 503, 504] {
        let one = |wait: &str, header: &str, after: RetryAfter| {
            let act = answer(status, header);
            fault(format!("{status}, wait {wait}"), [(act, Status(status, after))])
        };
        all.push(one("unsaid", "", Unsaid));
        all.push(one("of 0 s", "Retry-After: 0\r\n", AtOnce));
        all.push(one("too long", "Retry-After: 86400\r\n", TooLong));
        all.push(one("until a past date", "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", AtOnce));
        all.push(one("until a far date", "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n", TooLong));
        let once = (answer(status, "Retry-After: 0\r\n"), Status(status, AtOnce));
        all.push(fault(format!("{status}, once"), [once, (Send(good()), Good)]));
    }
    all.push(fault("429, wait not understood", [(answer(429, "Retry-After: soon\r\n"), Status(429, Unsaid))]));
    all.push(fault(
        "503, wait of too many digits",
        [(answer(503, "Retry-After: 99999999999999999999999\r\n"), Status(503, TooLong))],
    ));
    let now = |status| (answer(status, "Retry-After: 0\r\n"), Status(status, AtOnce));
    let last = |status| (answer(status, ""), Status(status, Unsaid));
    all.push(fault("502, then 404", [now(502), last(404)]));
    all.push(fault("429, then 503, then well", [now(429), now(503), (Send(good()), Good)]));
    all.push(fault("429, then 401", [now(429), last(401)]));
    all.push(fault("503, then useless", [now(503), (Send(response(200, "", b"<p>")), Unreadable(200))]));
    all
}
