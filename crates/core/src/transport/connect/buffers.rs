//! The buffers of a connection. They are wiped when it is closed: requests contain the API key, responses contain links
//! and tokens.

use std::ops::Deref;

use upscope_http1::MAX_HEADER_BYTES;
use ureq::unversioned::transport::{Buffers, LazyBuffers};
use zeroize::Zeroize;

use crate::request::build::MAX_TARGET_BYTES;

/// More than [`MAX_HEADER_BYTES`]. Otherwise a head that is too large would look like the end of the connection.
const INPUT_BYTES: usize = MAX_HEADER_BYTES + 8 * 1024;

/// Must hold a complete request line: the target with the path of the base URL, and the rest of the line.
pub(crate) const OUTPUT_BYTES: usize = MAX_TARGET_BYTES + 8 * 1024;

/// Buffers that are wiped when they are dropped.
pub(crate) struct WipedBuffers {
    inner: LazyBuffers,
    /// Before the first use, no memory is allocated.
    is_used: bool,
}

impl WipedBuffers {
    pub(crate) fn new() -> WipedBuffers {
        WipedBuffers { inner: LazyBuffers::new(INPUT_BYTES, OUTPUT_BYTES), is_used: false }
    }

    fn wipe(&mut self) {
        if self.is_used {
            self.inner.output().zeroize();
            let unread = self.inner.input().len();
            self.inner.input_consume(unread);
            self.inner.input_append_buf().zeroize();
        }
    }
}

impl Drop for WipedBuffers {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl Buffers for WipedBuffers {
    fn output(&mut self) -> &mut [u8] {
        self.is_used = true;
        self.inner.output()
    }

    fn input(&self) -> &[u8] {
        self.inner.input()
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.is_used = true;
        self.inner.input_append_buf()
    }

    fn input_appended(&mut self, amount: usize) {
        self.inner.input_appended(amount);
    }

    fn input_consume(&mut self, amount: usize) {
        self.inner.input_consume(amount);
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.is_used = true;
        self.inner.tmp_and_output()
    }

    fn can_use_input(&self) -> bool {
        self.inner.can_use_input()
    }
}

/// Bytes to be sent together, wiped when they are dropped.
#[derive(Default)]
pub(crate) struct WipedQueue(Vec<u8>);

impl WipedQueue {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            // A `Vec` that grows by itself leaves an unwiped copy behind.
            let mut larger = Vec::with_capacity(needed.next_power_of_two());
            larger.extend_from_slice(&self.0);
            drop(std::mem::replace(self, WipedQueue(larger)));
        }
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Deref for WipedQueue {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for WipedQueue {
    fn drop(&mut self) {
        // The whole capacity, including what was cleared.
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wiping_clears_both_buffers() {
        let mut buffers = WipedBuffers::new();
        buffers.output().fill(b'k');
        buffers.input_append_buf().fill(b't');
        buffers.input_appended(INPUT_BYTES);
        buffers.input_consume(INPUT_BYTES / 2);
        buffers.wipe();
        assert_eq!(buffers.output(), [0; OUTPUT_BYTES]);
        assert_eq!(buffers.input_append_buf(), [0; INPUT_BYTES]);
    }

    #[test]
    fn the_queue_keeps_the_order() {
        let mut queue = WipedQueue::default();
        for _ in 0..2 {
            queue.clear();
            for byte in 0..=255 {
                queue.push(&[byte; 3]);
            }
            assert!(queue.iter().enumerate().all(|(at, &byte)| usize::from(byte) == at / 3));
            assert_eq!(queue.len(), 768);
        }
    }
}
