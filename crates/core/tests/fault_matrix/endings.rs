//! How the connection ends × how the body is framed × where it is truncated. The expected result follows from the rule
//! of the contract (section 5): a response is complete only if its length, its last chunk or, where it has neither, an
//! orderly end of the connection says so.

use std::sync::Arc;

use upscope_test_support::{Response, gzip};

use super::bodies::GOOD_BODY;
use super::contract::AttemptResult::{self, ConnectionLost, InvalidBody, Success, TimedOut, Truncated};
use super::faults::{Fault, ScriptedAttempt, ServerKind, fault};
use super::operations::ExpectedBody;

/// How the connection ends after the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Fin,
    Reset,
    CloseNotify,
    /// FIN within TLS without close_notify.
    NoCloseNotify,
    ResetInTls,
    HeldOpen,
    HeldOpenInTls,
}

impl End {
    const ALL: [End; 7] = [
        End::Fin,
        End::Reset,
        End::CloseNotify,
        End::NoCloseNotify,
        End::ResetInTls,
        End::HeldOpen,
        End::HeldOpenInTls,
    ];

    fn response(self, bytes: &[u8]) -> Response {
        match self {
            End::Fin | End::CloseNotify => Response::bytes_then_close(bytes),
            End::NoCloseNotify => Response::bytes_then_close_without_notify(bytes),
            End::Reset | End::ResetInTls => Response::bytes_then_reset(bytes),
            End::HeldOpen | End::HeldOpenInTls => Response::bytes_then_hang(bytes),
        }
    }

    fn server(self) -> ServerKind {
        match self {
            End::Fin | End::Reset | End::HeldOpen => ServerKind::Http,
            _ => ServerKind::Https,
        }
    }

    fn is_orderly(self) -> bool {
        matches!(self, End::Fin | End::CloseNotify)
    }

    fn is_held_open(self) -> bool {
        matches!(self, End::HeldOpen | End::HeldOpenInTls)
    }
}

/// The good response, framed in one way.
struct FramedResponse {
    name: &'static str,
    bytes: Vec<u8>,
    /// The length of the head.
    head: usize,
    is_gzip: bool,
    /// The number of bytes after which the response itself says that it is complete, if it ever does.
    complete_at: Option<usize>,
    /// Where the response is truncated: a name, and the number of bytes that are sent.
    cuts: Vec<(&'static str, usize)>,
}

impl FramedResponse {
    fn new(name: &'static str, headers: &str, body: Vec<u8>) -> FramedResponse {
        let head = format!("HTTP/1.1 200 OK\r\n{headers}\r\n").into_bytes();
        let cuts = vec![
            ("before the head", 0),
            ("within the head", head.len() / 2),
            ("before the body", head.len()),
            ("within the body", head.len() + body.len() / 2),
            ("before the last byte", head.len() + body.len() - 1),
            ("not truncated", head.len() + body.len()),
        ];
        let is_gzip = headers.contains("gzip");
        FramedResponse { name, head: head.len(), bytes: [head, body].concat(), is_gzip, complete_at: None, cuts }
    }

    fn with_length(name: &'static str, headers: &str, body: Vec<u8>) -> FramedResponse {
        let framed = FramedResponse::new(name, &format!("{headers}Content-Length: {}\r\n", body.len()), body);
        FramedResponse { complete_at: Some(framed.bytes.len()), ..framed }
    }

    fn in_chunks(name: &'static str, headers: &str, body: &[u8]) -> FramedResponse {
        let (first, second) = body.split_at(20);
        let sizes = [first, second].map(|chunk| format!("{:04x};a=b\r\n", chunk.len()).into_bytes());
        let second_at = sizes[0].len() + first.len() + 2;
        let last_at = second_at + sizes[1].len() + second.len() + 2;
        let chunks = [&sizes[0][..], first, b"\r\n", &sizes[1][..], second, b"\r\n0\r\nX: y\r\n\r\n"].concat();
        let mut framed = FramedResponse::new(name, &format!("{headers}Transfer-Encoding: chunked\r\n"), chunks);
        let head = framed.head;
        framed.cuts.extend([
            ("within a chunk's size", head + 2),
            ("after a chunk's size", head + sizes[0].len()),
            ("within a chunk", head + sizes[0].len() + 10),
            ("between chunks", head + second_at),
            ("before the last chunk", head + last_at),
            ("within the last chunk", head + last_at + 2),
            ("after the last chunk", head + last_at + 3),
            ("within the trailers", head + last_at + 5),
        ]);
        FramedResponse { complete_at: Some(head + last_at + 3), ..framed }
    }

    fn all() -> Vec<FramedResponse> {
        let zipped = gzip(GOOD_BODY.as_bytes());
        let gzip = "Content-Encoding: gzip\r\n";
        vec![
            FramedResponse::with_length("length", "", GOOD_BODY.as_bytes().to_vec()),
            FramedResponse::with_length("length, gzip", gzip, zipped.clone()),
            FramedResponse::in_chunks("chunks", "", GOOD_BODY.as_bytes()),
            FramedResponse::in_chunks("chunks, gzip", gzip, &zipped),
            FramedResponse::new("until close", "", GOOD_BODY.as_bytes().to_vec()),
            FramedResponse::new("until close, gzip", gzip, zipped),
        ]
    }

    /// The rule of the contract for the first `sent` bytes.
    fn result(&self, sent: usize, end: End, expected_body: ExpectedBody) -> AttemptResult {
        if end.is_held_open() {
            let is_complete = self.complete_at.is_some() && sent == self.bytes.len();
            return if is_complete { Success } else { TimedOut { sent: true } };
        }
        if sent < self.head {
            return ConnectionLost;
        }
        match self.complete_at {
            Some(complete_at) if sent >= complete_at => Success,
            Some(_) => Truncated,
            None if !end.is_orderly() => Truncated,
            // Complete, as far as HTTP can tell.
            None if sent == self.bytes.len() => Success,
            None if sent == self.head && expected_body == ExpectedBody::Anything => Success,
            // A gzip stream marks its own end.
            None if sent > self.head && self.is_gzip => Truncated,
            None => InvalidBody(200),
        }
    }
}

pub fn all() -> Vec<Fault> {
    let mut all = Vec::new();
    for framed in FramedResponse::all() {
        let framed = Arc::new(framed);
        for (cut, sent) in framed.cuts.clone() {
            for end in End::ALL {
                // These wait for their deadline, which must be long enough for a handshake on a busy machine.
                if end == End::HeldOpenInTls && !matches!(cut, "within the body" | "not truncated") {
                    continue;
                }
                let rule = framed.clone();
                let attempt = ScriptedAttempt {
                    response: Some(end.response(&framed.bytes[..sent])),
                    result: Box::new(move |expected_body| rule.result(sent, end, expected_body)),
                };
                let has_short_timeout =
                    matches!(framed.result(sent, end, ExpectedBody::Member), AttemptResult::TimedOut { .. });
                let name = format!("{}, truncated {cut}, {end:?}", framed.name).replace("truncated not", "not");
                all.push(Fault { server: end.server(), attempts: vec![attempt], has_short_timeout, ..fault(name, []) });
            }
        }
    }
    all
}
