//! The errors of an exchange. Both types are wrapped in [`ureq::Error::Other`]. Errors of the connection pass through.

use std::fmt;

use ureq::Error;

/// A bug in the caller: it called the methods in the wrong order, or the request's `Content-Length` is not the length of
/// its body.
#[derive(Debug)]
pub struct InvalidState;

impl fmt::Display for InvalidState {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("does not have the length that its headers announce")
    }
}

impl std::error::Error for InvalidState {}

pub(crate) fn invalid_state() -> Error {
    Error::Other(Box::new(InvalidState))
}

/// Why a response is invalid. The text is a clause that follows "the answer". It does not quote the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidResponse {
    /// The status line or a header is malformed.
    Head,
    /// There are more than [`MAX_HEADERS`](crate::MAX_HEADERS) headers.
    TooManyHeaders,
    /// The head, including interim responses, is larger than [`MAX_HEADER_BYTES`](crate::MAX_HEADER_BYTES).
    HeadersTooLarge,
    /// `Content-Length` is not a number, or there are several different ones.
    ContentLength,
    /// `Transfer-Encoding` is not exactly `chunked`, or the response is HTTP/1.0.
    TransferEncoding,
    /// A chunk does not start with its size, or is longer or shorter.
    Chunk,
    /// A chunk extension contains a control character.
    ChunkExtension,
    /// A trailer is malformed.
    Trailer,
    /// A chunk extension or the trailers are larger than [`MAX_HEADER_BYTES`](crate::MAX_HEADER_BYTES).
    ChunkFramingTooLarge,
}

impl fmt::Display for InvalidResponse {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            InvalidResponse::Head => "is not valid HTTP",
            InvalidResponse::TooManyHeaders => "has more than 128 headers, which is the limit",
            InvalidResponse::HeadersTooLarge => "has headers of more than 64 KiB, which is the limit",
            InvalidResponse::ContentLength => "is not valid HTTP: its Content-Length is not one number",
            InvalidResponse::TransferEncoding => {
                "is not valid HTTP: its Transfer-Encoding is not \"chunked\", or its version is HTTP/1.0"
            }
            InvalidResponse::Chunk => "is not valid HTTP: the size of a chunk is missing or wrong",
            InvalidResponse::ChunkExtension => "is not valid HTTP: a chunk extension holds a control character",
            InvalidResponse::Trailer => "is not valid HTTP: a trailer after the last chunk is malformed",
            InvalidResponse::ChunkFramingTooLarge => {
                "has a chunk extension or trailers of more than 64 KiB, which is the limit"
            }
        })
    }
}

impl std::error::Error for InvalidResponse {}

impl From<InvalidResponse> for Error {
    fn from(invalid: InvalidResponse) -> Error {
        Error::Other(Box::new(invalid))
    }
}
