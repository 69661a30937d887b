//! Decodes the chunked transfer coding (RFC 9112, section 7.1). It is strict: if two parsers disagree about the end of a
//! response, an attacker can make one of them take a part of a response for another response.

use crate::MAX_HEADER_BYTES;
use crate::body::copy;
use crate::error::InvalidResponse;

pub(crate) struct ChunkedDecoder {
    state: State,
    /// The size of the chunk as far as it was read, then the number of bytes that remain.
    remaining: u64,
    /// The number of bytes that were not content since the last content.
    framing_bytes: usize,
}

/// What to read next. `SizeStart` and `TrailerStart` require a first character before `Size` and `TrailerName`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    SizeStart,
    Size,
    /// Spaces after the size, which some servers send.
    SizeEnd,
    Extension,
    SizeLf,
    Content,
    ContentCr,
    ContentLf,
    /// After the last chunk and after each trailer.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    LastLf,
    Finished,
}

impl ChunkedDecoder {
    pub(crate) fn new() -> ChunkedDecoder {
        ChunkedDecoder { state: State::SizeStart, remaining: 0, framing_bytes: 0 }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.state == State::Finished
    }

    /// Whether the last chunk was read.
    pub(crate) fn is_content_complete(&self) -> bool {
        matches!(
            self.state,
            State::TrailerStart
                | State::TrailerName
                | State::TrailerValue
                | State::TrailerLf
                | State::LastLf
                | State::Finished
        )
    }

    pub(crate) fn decode(&mut self, input: &[u8], out: &mut [u8]) -> Result<(usize, usize), InvalidResponse> {
        let (mut consumed, mut written) = (0, 0);
        while consumed < input.len() && self.state != State::Finished {
            if self.state == State::Content {
                let count = copy(&input[consumed..], &mut out[written..], self.remaining);
                if count == 0 {
                    break;
                }
                consumed += count;
                written += count;
                self.remaining -= count as u64;
                if self.remaining == 0 {
                    self.state = State::ContentCr;
                }
            } else {
                self.read_framing(input[consumed])?;
                consumed += 1;
            }
        }
        Ok((consumed, written))
    }

    /// Reads a byte that is not content.
    fn read_framing(&mut self, byte: u8) -> Result<(), InvalidResponse> {
        self.framing_bytes += 1;
        if self.framing_bytes > MAX_HEADER_BYTES {
            return Err(InvalidResponse::ChunkFramingTooLarge);
        }
        self.state = match (self.state, byte) {
            (State::SizeStart | State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                let shifted = self.remaining.checked_mul(16).ok_or(InvalidResponse::Chunk)?;
                self.remaining = shifted + u64::from(digit);
                State::Size
            }
            (State::Size | State::SizeEnd, b' ' | b'\t') => State::SizeEnd,
            (State::Size | State::SizeEnd, b';') => State::Extension,
            (State::Size | State::SizeEnd | State::Extension, b'\r') => State::SizeLf,
            (State::Extension, b'\t' | b' '..=b'~' | 0x80..) => State::Extension,
            (State::SizeLf, b'\n') if self.remaining == 0 => State::TrailerStart,
            (State::SizeLf, b'\n') => {
                self.framing_bytes = 0;
                State::Content
            }
            (State::ContentCr, b'\r') => State::ContentLf,
            (State::ContentLf, b'\n') => State::SizeStart,
            (State::TrailerStart, b'\r') => State::LastLf,
            (State::TrailerStart | State::TrailerName, _) if is_token_char(byte) => State::TrailerName,
            (State::TrailerName, b':') => State::TrailerValue,
            (State::TrailerValue, b'\r') => State::TrailerLf,
            (State::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => State::TrailerValue,
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::LastLf, b'\n') => State::Finished,
            (State::Extension, _) => return Err(InvalidResponse::ChunkExtension),
            _ if self.is_content_complete() => return Err(InvalidResponse::Trailer),
            _ => return Err(InvalidResponse::Chunk),
        };
        Ok(())
    }
}

/// Whether a header name may contain this byte (RFC 9110, section 5.6.2).
fn is_token_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
