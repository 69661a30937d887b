//! An answer that the service compressed.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use ureq::http::HeaderValue;

use super::failure::of_gzip;

/// Whether a `Content-Encoding` names gzip, in any case and by its old name as well (RFC 9110, section 8.4.1).
pub(super) fn is_gzip(encoding: &HeaderValue) -> bool {
    ["gzip", "x-gzip"].iter().any(|name| encoding.as_bytes().eq_ignore_ascii_case(name.as_bytes()))
}

/// What is in gzip's format, as it was before.
pub(super) struct Decompressed<R>(MultiGzDecoder<R>);

impl<R: Read> Decompressed<R> {
    pub(super) fn new(compressed: R) -> Decompressed<R> {
        Decompressed(MultiGzDecoder::new(compressed))
    }
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out).map_err(of_gzip)
    }
}
