//! The responses on which the verdicts of this library and hyper differ, and the reasons. The list is complete and
//! current: the test fails on a new difference, and on one that no longer occurs.

use super::Verdict::{self, Rejected};
use super::case::Case;

pub struct Difference {
    pub name: &'static str,
    #[expect(dead_code, reason = "for the reader")]
    reason: &'static str,
    ours: Side,
    /// Whether the difference applies to the response.
    applies: fn(&Response) -> bool,
}

/// What this library does; hyper does the opposite.
#[derive(PartialEq, Eq)]
enum Side {
    Accepts,
    Rejects,
}

pub const ALL: &[Difference] = &[
    Difference {
        name: "folded header",
        reason: "RFC 9112, section 5.2, requires a client to read the line break as a space; hyper has an option for this, which is off.",
        ours: Side::Accepts,
        applies: |response| response.is_folded,
    },
    Difference {
        name: "end after the last chunk",
        reason: "The last chunk says that the body is complete; some servers omit the empty line after it.",
        ours: Side::Accepts,
        applies: |response| {
            let ends = response.body.windows(4).any(|window| window == b"\r\n\r\n");
            response.is_chunked() && !ends && last_chunk(response.body).is_some()
        },
    },
    Difference {
        name: "chunk extension or trailers between 16 and 64 KiB",
        reason: "This library's limit is that of a head; hyper's limit is a quarter of it.",
        ours: Side::Accepts,
        applies: |response| response.is_chunked() && response.body.len() > 16 * 1024,
    },
    Difference {
        name: "head between 64 and 400 KiB",
        reason: "No server sends that much; hyper's limit is the size of its buffer.",
        ours: Side::Rejects,
        applies: |response| response.heads > upscope_http1::MAX_HEADER_BYTES,
    },
    Difference {
        name: "transfer coding other than chunked",
        reason: "An intermediary may see another end of the response; hyper considers the last coding only, and reads until the connection ends if it does not know that coding.",
        ours: Side::Rejects,
        applies: |response| {
            let codings = response.values("transfer-encoding");
            !codings.is_empty() && !matches!(&codings[..], [one] if one.eq_ignore_ascii_case(b"chunked"))
        },
    },
    Difference {
        name: "invalid length beside chunks",
        reason: "Chunks take precedence over a length, but an invalid length is a sign of tampering; hyper ignores it.",
        ours: Side::Rejects,
        applies: |response| {
            let lengths = response.values("content-length");
            let numbers: Vec<Option<u64>> = lengths.iter().map(|one| str::from_utf8(one).ok()?.parse().ok()).collect();
            response.is_chunked() && numbers.iter().any(|number| number.is_none() || *number != numbers[0])
        },
    },
    Difference {
        name: "control character in a chunk extension",
        reason: "An extension cannot contain it (RFC 9112, section 7.1.1); hyper rejects only the line feed.",
        ours: Side::Rejects,
        applies: |response| {
            let mut lines = response.body.split(|&byte| byte == b'\n');
            response.is_chunked() && lines.any(has_control_in_extension)
        },
    },
    Difference {
        name: "line feed alone in the trailers",
        reason: "All lines of the chunked coding end with CR LF; hyper finds the end of the trailers in this way, but then parses them like a head.",
        ours: Side::Rejects,
        applies: |response| {
            let trailers = last_chunk(response.body).map_or(&[][..], |at| &response.body[at..]);
            let mut lines = trailers.split_inclusive(|&byte| byte == b'\n');
            response.is_chunked() && lines.any(|line| line.ends_with(b"\n") && !line.ends_with(b"\r\n"))
        },
    },
    Difference {
        name: "unknown content coding",
        reason: "hyper leaves content codings to its caller.",
        ours: Side::Rejects,
        applies: |response| {
            let codings = response.values("content-encoding");
            !codings.is_empty() && !matches!(&codings[..], [one] if one.eq_ignore_ascii_case(b"identity"))
        },
    },
];

impl Difference {
    pub fn covers(&self, case: &Case, ours: &Verdict, hypers: &Verdict) -> bool {
        let sides = match self.ours {
            Side::Accepts => *hypers == Rejected,
            Side::Rejects => *ours == Rejected,
        };
        sides && (self.applies)(&Response::of(&case.response))
    }
}

/// The final response, parsed independently of both clients and as leniently as possible.
struct Response<'r> {
    /// The length of its head and of all interim responses.
    heads: usize,
    is_folded: bool,
    fields: Vec<(String, Vec<u8>)>,
    body: &'r [u8],
}

impl Response<'_> {
    fn of(bytes: &[u8]) -> Response<'_> {
        let mut rest = bytes;
        let mut is_folded = false;
        loop {
            let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
            let mut status = None;
            while !rest.is_empty() {
                let end = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
                let (line, after) = rest.split_at(end);
                rest = after;
                let trimmed = line.trim_ascii();
                if status.is_none() {
                    status = Some(trimmed).filter(|line| !line.is_empty());
                } else if line.starts_with(b" ") || line.starts_with(b"\t") {
                    is_folded = true;
                    if let Some((_, value)) = fields.last_mut() {
                        *value = [value.trim_ascii(), trimmed].join(&b' ').trim_ascii().to_vec();
                    }
                } else if trimmed.is_empty() {
                    break;
                } else if let Some(colon) = trimmed.iter().position(|&byte| byte == b':') {
                    let name = String::from_utf8_lossy(&trimmed[..colon]).to_ascii_lowercase();
                    fields.push((name, trimmed[colon + 1..].trim_ascii().to_vec()));
                }
            }
            let code = status.and_then(|line| line.split(|&byte| byte == b' ').nth(1)).unwrap_or_default();
            let is_interim = code.starts_with(b"1") && code != b"101";
            if !is_interim || rest.is_empty() {
                return Response { heads: bytes.len() - rest.len(), is_folded, fields, body: rest };
            }
        }
    }

    /// The values of all headers with this name.
    fn values(&self, name: &str) -> Vec<&[u8]> {
        self.fields.iter().filter(|(one, _)| one == name).map(|(_, value)| &value[..]).collect()
    }

    fn is_chunked(&self) -> bool {
        self.values("transfer-encoding").iter().any(|value| value.to_ascii_lowercase().ends_with(b"chunked"))
    }
}

/// The position after the size line of the last chunk.
fn last_chunk(body: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = body[at..].split(|&byte| byte == b'\n').next()?;
        let digits = line.split(|byte| !byte.is_ascii_hexdigit()).next()?;
        let size = usize::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
        let content = at + line.len() + 1;
        match size {
            _ if content > body.len() => return None,
            0 => return Some(content),
            _ => at = content.checked_add(size)?.checked_add(2).filter(|next| *next < body.len())?,
        }
    }
}

fn has_control_in_extension(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let extension = line.iter().position(|&byte| byte == b';').map_or(&[][..], |at| &line[at..]);
    extension.iter().any(|&byte| byte.is_ascii_control() && byte != b'\t')
}
