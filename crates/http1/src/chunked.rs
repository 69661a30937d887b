//! A body in chunks (RFC 9112, section 7.1). Strict, because two readers that disagree about where a response ends can
//! be made to mistake a part of one response for another.

use crate::MAX_HEADER_BYTES;
use crate::body::copy;
use crate::error::InvalidResponse;

pub(crate) struct Chunked {
    state: State,
    /// Of the chunk, once its size is known.
    left: u64,
    /// Bytes since the last one of the content.
    framing: usize,
}

/// What comes next. `Size` and `Name` are preceded by a state that demands their first character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    SizeStart,
    Size,
    /// Some servers pad the size with spaces.
    SizeEnd,
    Extension,
    SizeLf,
    Content,
    ContentCr,
    ContentLf,
    /// After the last chunk, and after each trailer.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    LastLf,
    Ended,
}

impl Chunked {
    pub(crate) fn new() -> Chunked {
        Chunked { state: State::SizeStart, left: 0, framing: 0 }
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Whether the last chunk has come.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(
            self.state,
            State::TrailerStart
                | State::TrailerName
                | State::TrailerValue
                | State::TrailerLf
                | State::LastLf
                | State::Ended
        )
    }

    pub(crate) fn decode(&mut self, input: &[u8], out: &mut [u8]) -> Result<(usize, usize), InvalidResponse> {
        let (mut read, mut written) = (0, 0);
        while read < input.len() && self.state != State::Ended {
            if self.state == State::Content {
                let count = copy(&input[read..], &mut out[written..], self.left);
                if count == 0 {
                    break;
                }
                read += count;
                written += count;
                self.left -= count as u64;
                if self.left == 0 {
                    self.state = State::ContentCr;
                }
            } else {
                self.step(input[read])?;
                read += 1;
            }
        }
        Ok((read, written))
    }

    /// Takes a byte that does not belong to the content.
    fn step(&mut self, byte: u8) -> Result<(), InvalidResponse> {
        self.framing += 1;
        if self.framing > MAX_HEADER_BYTES {
            return Err(InvalidResponse::ChunkFramingTooLarge);
        }
        self.state = match (self.state, byte) {
            (State::SizeStart | State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                let shifted = self.left.checked_mul(16).ok_or(InvalidResponse::Chunk)?;
                self.left = shifted + u64::from(digit);
                State::Size
            }
            (State::Size | State::SizeEnd, b' ' | b'\t') => State::SizeEnd,
            (State::Size | State::SizeEnd, b';') => State::Extension,
            (State::Size | State::SizeEnd | State::Extension, b'\r') => State::SizeLf,
            (State::Extension, b'\t' | b' '..=b'~' | 0x80..) => State::Extension,
            (State::SizeLf, b'\n') if self.left == 0 => State::TrailerStart,
            (State::SizeLf, b'\n') => {
                self.framing = 0;
                State::Content
            }
            (State::ContentCr, b'\r') => State::ContentLf,
            (State::ContentLf, b'\n') => State::SizeStart,
            (State::TrailerStart, b'\r') => State::LastLf,
            (State::TrailerStart | State::TrailerName, _) if is_token(byte) => State::TrailerName,
            (State::TrailerName, b':') => State::TrailerValue,
            (State::TrailerValue, b'\r') => State::TrailerLf,
            (State::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => State::TrailerValue,
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::LastLf, b'\n') => State::Ended,
            (State::Extension, _) => return Err(InvalidResponse::ChunkExtension),
            _ if self.is_whole() => return Err(InvalidResponse::Trailer),
            _ => return Err(InvalidResponse::Chunk),
        };
        Ok(())
    }
}

/// Whether a name may hold that (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
