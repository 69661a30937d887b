//! The encodings of an answer's body (RFC 9110, section 8.4): none, and gzip.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use ureq::http::HeaderMap;
use ureq::http::header::CONTENT_ENCODING;

use crate::transport::error::{ErrorKind, TransportError, of_system};

/// How the body is encoded.
pub(crate) enum Encoding {
    Identity,
    Gzip,
    /// As the headers name it.
    Unknown(String),
}

impl Encoding {
    pub(crate) fn of(headers: &HeaderMap) -> Encoding {
        let mut values = headers.get_all(CONTENT_ENCODING).iter().map(|value| value.as_bytes());
        let Some(first) = values.next() else {
            return Encoding::Identity;
        };
        let name = values.fold(String::from_utf8_lossy(first).into_owned(), |names, value| {
            format!("{names}, {}", String::from_utf8_lossy(value))
        });
        let is = |names: &[&str]| names.iter().any(|one| name.eq_ignore_ascii_case(one));
        if is(&["", "identity"]) {
            Encoding::Identity
        } else if is(&["gzip", "x-gzip"]) {
            Encoding::Gzip
        } else {
            Encoding::Unknown(name)
        }
    }
}

/// What is in gzip's format, as it was before. Nothing at all is nothing before as well.
pub(crate) struct Decompressed<R> {
    decoder: MultiGzDecoder<Source<R>>,
    ends_with_connection: bool,
}

/// What the decoder reads from.
struct Source<R> {
    inner: R,
    is_empty: bool,
}

impl<R: Read> Decompressed<R> {
    /// If only the end of the connection ends the data, data that end too early were cut short with it.
    pub(crate) fn new(compressed: R, ends_with_connection: bool) -> Decompressed<R> {
        let decoder = MultiGzDecoder::new(Source { inner: compressed, is_empty: true });
        Decompressed { decoder, ends_with_connection }
    }
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(out).or_else(|error| {
            let failure = match error.kind() {
                // The connection's, not the decoder's.
                _ if error.get_ref().is_some_and(|inner| inner.is::<ureq::Error>()) => return Err(error),
                io::ErrorKind::UnexpectedEof if self.decoder.get_ref().is_empty => return Ok(0),
                io::ErrorKind::UnexpectedEof if self.ends_with_connection => {
                    TransportError::new(ErrorKind::Lost, of_system(&error))
                }
                io::ErrorKind::UnexpectedEof => {
                    TransportError::new(ErrorKind::Protocol, "is compressed and the compressed data end too early")
                }
                _ => TransportError::new(ErrorKind::Protocol, "is compressed and the compressed data are broken"),
            };
            Err(failure.into_ureq().into_io())
        })
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.is_empty &= count == 0;
        Ok(count)
    }
}
