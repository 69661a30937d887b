//! How the connection ends × how the body is framed × where it is cut. What each must come to is stated here by the
//! rule of the contract (section 5): an answer is whole only when its length, its last chunk or, where it has neither,
//! an orderly end says so.

use super::bodies::{GOOD, gzipped};
use super::contract::Fate::{self, CutShort, Good, Late, Lost, Unreadable};
use super::faults::{Fault, Place, Step, fault};
use super::operations::Promise;
use super::server::Act;

/// How the connection ends after the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Fin,
    Reset,
    CloseNotify,
    /// FIN within TLS that was not closed.
    NoCloseNotify,
    ResetWithinTls,
    HeldOpen,
    HeldOpenWithinTls,
}

impl End {
    const ALL: [End; 7] = [
        End::Fin,
        End::Reset,
        End::CloseNotify,
        End::NoCloseNotify,
        End::ResetWithinTls,
        End::HeldOpen,
        End::HeldOpenWithinTls,
    ];

    fn act(self, bytes: Vec<u8>) -> Act {
        match self {
            End::Fin | End::CloseNotify => Act::SendThenClose(bytes),
            End::NoCloseNotify => Act::SendThenAbandon(bytes),
            End::Reset | End::ResetWithinTls => Act::SendThenReset(bytes),
            End::HeldOpen | End::HeldOpenWithinTls => Act::SendThenHang(bytes),
        }
    }

    fn place(self) -> Place {
        match self {
            End::Fin | End::Reset | End::HeldOpen => Place::Serves,
            _ => Place::ServesTls,
        }
    }

    fn is_orderly(self) -> bool {
        matches!(self, End::Fin | End::CloseNotify)
    }

    fn is_held_open(self) -> bool {
        matches!(self, End::HeldOpen | End::HeldOpenWithinTls)
    }
}

/// The good answer, framed in one way.
struct Framed {
    name: &'static str,
    bytes: Vec<u8>,
    /// Length of its head.
    head: usize,
    is_gzip: bool,
    /// How many bytes it takes until the answer itself says that it is whole, if it ever does.
    whole: Option<usize>,
    /// Where it is cut: a name, and how many bytes come.
    cuts: Vec<(&'static str, usize)>,
}

impl Framed {
    fn new(name: &'static str, headers: &str, body: Vec<u8>) -> Framed {
        let head = format!("HTTP/1.1 200 OK\r\n{headers}\r\n").into_bytes();
        let cuts = vec![
            ("before the head", 0),
            ("within the head", head.len() / 2),
            ("before the body", head.len()),
            ("within the body", head.len() + body.len() / 2),
            ("before the last byte", head.len() + body.len() - 1),
            ("nowhere", head.len() + body.len()),
        ];
        let is_gzip = headers.contains("gzip");
        Framed { name, head: head.len(), bytes: [head, body].concat(), is_gzip, whole: None, cuts }
    }

    fn with_length(name: &'static str, headers: &str, body: Vec<u8>) -> Framed {
        let framed = Framed::new(name, &format!("{headers}Content-Length: {}\r\n", body.len()), body);
        Framed { whole: Some(framed.bytes.len()), ..framed }
    }

    fn in_chunks(name: &'static str, headers: &str, body: &[u8]) -> Framed {
        let (first, second) = body.split_at(20);
        let sizes = [first, second].map(|chunk| format!("{:04x};a=b\r\n", chunk.len()).into_bytes());
        let second_at = sizes[0].len() + first.len() + 2;
        let last_at = second_at + sizes[1].len() + second.len() + 2;
        let chunks = [&sizes[0][..], first, b"\r\n", &sizes[1][..], second, b"\r\n0\r\nX: y\r\n\r\n"].concat();
        let mut framed = Framed::new(name, &format!("{headers}Transfer-Encoding: chunked\r\n"), chunks);
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
        Framed { whole: Some(head + last_at + 3), ..framed }
    }

    fn all() -> Vec<Framed> {
        let zipped = gzipped(GOOD.as_bytes());
        let gzip = "Content-Encoding: gzip\r\n";
        vec![
            Framed::with_length("length", "", GOOD.as_bytes().to_vec()),
            Framed::with_length("length, gzip", gzip, zipped.clone()),
            Framed::in_chunks("chunks", "", GOOD.as_bytes()),
            Framed::in_chunks("chunks, gzip", gzip, &zipped),
            Framed::new("until close", "", GOOD.as_bytes().to_vec()),
            Framed::new("until close, gzip", gzip, zipped),
        ]
    }

    /// The rule.
    fn fate(&self, came: usize, end: End, promise: Promise) -> Fate {
        if end.is_held_open() {
            let is_complete = self.whole.is_some() && came == self.bytes.len();
            return if is_complete { Good } else { Late { sent: true } };
        }
        if came < self.head {
            return Lost;
        }
        match self.whole {
            Some(whole) if came >= whole => Good,
            Some(_) => CutShort,
            None if !end.is_orderly() => CutShort,
            // Whole, as far as HTTP knows.
            None if came == self.bytes.len() => Good,
            None if came == self.head && promise == Promise::Done => Good,
            // What is compressed knows better.
            None if came > self.head && self.is_gzip => CutShort,
            None => Unreadable(200),
        }
    }
}

pub fn all() -> Vec<Fault> {
    let mut all = Vec::new();
    for framed in Framed::all() {
        let framed = std::sync::Arc::new(framed);
        for (cut, came) in framed.cuts.clone() {
            for end in End::ALL {
                // Each waits for its deadline, which handshakes on a busy machine keep long.
                if end == End::HeldOpenWithinTls && !matches!(cut, "within the body" | "nowhere") {
                    continue;
                }
                let (act, rule) = (end.act(framed.bytes[..came].to_vec()), framed.clone());
                let step = Step { act: Some(act), fate: Box::new(move |promise| rule.fate(came, end, promise)) };
                let is_late = matches!(framed.fate(came, end, Promise::Member), Late { .. });
                let name = format!("{}, cut {cut}, {end:?}", framed.name);
                all.push(Fault { place: end.place(), steps: vec![step], hurries: is_late, ..fault(name, []) });
            }
        }
    }
    all
}
