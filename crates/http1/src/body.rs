//! Where the body of a response ends.

use crate::chunked::Chunked;
use crate::error::InvalidResponse;

/// A body that has not been read to its end.
pub(crate) enum Body {
    /// So many bytes are left.
    Length(u64),
    Chunked(Chunked),
    /// Only an orderly end of the connection is its end.
    UntilClose,
}

impl Body {
    /// Moves what belongs to the body from `input` to `out`: how many bytes of each were used. Input is left over only
    /// when `out` is full or the body has ended.
    pub(crate) fn decode(&mut self, input: &[u8], out: &mut [u8]) -> Result<(usize, usize), InvalidResponse> {
        match self {
            Body::Length(left) => {
                let count = copy(input, out, *left);
                *left -= count as u64;
                Ok((count, count))
            }
            Body::Chunked(chunked) => chunked.decode(input, out),
            Body::UntilClose => {
                let count = copy(input, out, u64::MAX);
                Ok((count, count))
            }
        }
    }

    /// Whether nothing more belongs to the body.
    pub(crate) fn is_ended(&self) -> bool {
        match self {
            Body::Length(left) => *left == 0,
            Body::Chunked(chunked) => chunked.is_ended(),
            Body::UntilClose => false,
        }
    }

    /// Whether all content has come, though what follows the last chunk may be missing: some servers omit it.
    pub(crate) fn is_whole(&self) -> bool {
        match self {
            Body::Chunked(chunked) => chunked.is_whole(),
            _ => self.is_ended(),
        }
    }
}

/// Copies as much as is there, fits and is wanted.
pub(crate) fn copy(input: &[u8], out: &mut [u8], wanted: u64) -> usize {
    let count = input.len().min(out.len()).min(usize::try_from(wanted).unwrap_or(usize::MAX));
    out[..count].copy_from_slice(&input[..count]);
    count
}
