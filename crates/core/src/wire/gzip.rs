//! An answer that the service compressed.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::failure::of_gzip;

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
