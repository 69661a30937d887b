//! Content encodings of a response (RFC 9110, section 8.4): identity and gzip.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use ureq::http::HeaderMap;
use ureq::http::header::CONTENT_ENCODING;

use crate::transport::error::{ErrorKind, TransportError};

/// The content encoding of a body.
pub(crate) enum ContentEncoding {
    Identity,
    Gzip,
    /// The value of `Content-Encoding`.
    Unknown(String),
}

impl ContentEncoding {
    pub(crate) fn from_headers(headers: &HeaderMap) -> ContentEncoding {
        let mut values = headers.get_all(CONTENT_ENCODING).iter().map(|value| value.as_bytes());
        let Some(first) = values.next() else {
            return ContentEncoding::Identity;
        };
        let name = values.fold(String::from_utf8_lossy(first).into_owned(), |names, value| {
            format!("{names}, {}", String::from_utf8_lossy(value))
        });
        let is = |names: &[&str]| names.iter().any(|one| name.eq_ignore_ascii_case(one));
        if is(&["", "identity"]) {
            ContentEncoding::Identity
        } else if is(&["gzip", "x-gzip"]) {
            ContentEncoding::Gzip
        } else {
            ContentEncoding::Unknown(name)
        }
    }
}

/// Decompresses gzip. An empty body stays empty.
pub(crate) struct GzipReader<R> {
    decoder: MultiGzDecoder<CompressedInput<R>>,
    is_close_delimited: bool,
}

/// The input of the decoder. Notes whether it is empty.
struct CompressedInput<R> {
    inner: R,
    is_empty: bool,
}

impl<R: Read> GzipReader<R> {
    /// If the body ends with the connection, incomplete data mean that the connection was lost.
    pub(crate) fn new(compressed: R, is_close_delimited: bool) -> GzipReader<R> {
        let decoder = MultiGzDecoder::new(CompressedInput { inner: compressed, is_empty: true });
        GzipReader { decoder, is_close_delimited }
    }
}

impl<R: Read> Read for GzipReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(out).or_else(|error| {
            let error = match error.kind() {
                // An error of the connection, not of the decoder.
                _ if error.get_ref().is_some_and(|inner| inner.is::<ureq::Error>()) => return Err(error),
                io::ErrorKind::UnexpectedEof if self.decoder.get_ref().is_empty => return Ok(0),
                io::ErrorKind::UnexpectedEof if self.is_close_delimited => {
                    TransportError::from_io(ErrorKind::Lost, &error)
                }
                io::ErrorKind::UnexpectedEof => {
                    TransportError::new(ErrorKind::Protocol, "is compressed and the compressed data end too early")
                }
                _ => TransportError::new(ErrorKind::Protocol, "is compressed and the compressed data are broken"),
            };
            Err(error.into_ureq().into_io())
        })
    }
}

impl<R: Read> Read for CompressedInput<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.is_empty &= count == 0;
        Ok(count)
    }
}
