//! Decodes the body of a response and finds its end.

use crate::chunked::ChunkedDecoder;
use crate::error::InvalidResponse;

/// The part of a body that was not read yet.
pub(crate) enum Body {
    /// The number of bytes that remain.
    Length(u64),
    Chunked(ChunkedDecoder),
    /// The body ends with the connection.
    CloseDelimited,
}

impl Body {
    /// Decodes bytes from `input` to `out`. Returns how many bytes of each were used. Input is left only if `out` is full
    /// or the body has ended.
    pub(crate) fn decode(&mut self, input: &[u8], out: &mut [u8]) -> Result<(usize, usize), InvalidResponse> {
        match self {
            Body::Length(remaining) => {
                let count = copy(input, out, *remaining);
                *remaining -= count as u64;
                Ok((count, count))
            }
            Body::Chunked(decoder) => decoder.decode(input, out),
            Body::CloseDelimited => {
                let count = copy(input, out, u64::MAX);
                Ok((count, count))
            }
        }
    }

    /// Whether the body was read to its end.
    pub(crate) fn is_finished(&self) -> bool {
        match self {
            Body::Length(remaining) => *remaining == 0,
            Body::Chunked(decoder) => decoder.is_finished(),
            Body::CloseDelimited => false,
        }
    }

    /// Whether all content was read. What follows the last chunk may be missing: some servers omit it.
    pub(crate) fn is_content_complete(&self) -> bool {
        match self {
            Body::Chunked(decoder) => decoder.is_content_complete(),
            _ => self.is_finished(),
        }
    }
}

/// Copies as many bytes as `input`, `out` and `max` allow.
pub(crate) fn copy(input: &[u8], out: &mut [u8], max: u64) -> usize {
    let count = input.len().min(out.len()).min(usize::try_from(max).unwrap_or(usize::MAX));
    out[..count].copy_from_slice(&input[..count]);
    count
}
