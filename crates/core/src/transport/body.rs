//! Reads the body of a response.

use std::io::{self, Read};

use crate::support::secret::WipedBytes;
use crate::transport::attempt::Attempt;
use crate::transport::error::{ErrorKind, TransportError};
use crate::transport::map_error::map_error;

/// Upper limit for the memory reserved before any of the body has arrived, whatever its announced length.
const MAX_INITIAL_CAPACITY: usize = 1024 * 1024;

/// Maximum size of one read.
const READ_SIZE: usize = 64 * 1024;

/// Initial capacity for a body of unknown length.
const DEFAULT_CAPACITY: usize = 4 * 1024 - 1;

/// Reads at most `limit` bytes. A longer body is an error. Returns what was read also in case of an error.
pub(crate) fn read_body(
    mut reader: impl Read,
    limit: usize,
    length: Option<u64>,
    attempt: &Attempt,
) -> (WipedBytes, Result<(), TransportError>) {
    let mut body = WipedBytes::default();
    let result = match read_to_end(&mut reader, &mut body, limit, length) {
        Ok(()) if body.len() > limit => {
            body.truncate(limit);
            let problem = format!("is larger than max_response_bytes, which is {limit}");
            Err(TransportError::new(ErrorKind::TooLarge, problem))
        }
        Ok(()) => Ok(()),
        Err(error) => Err(map_error(ureq::Error::from(error), attempt)),
    };
    (body, result)
}

/// Reads to the end, but at most one byte more than `limit`. Leaves room for the NUL that C needs. The standard library's
/// `read_to_end` would leave unwiped copies of the body in memory when its buffer grows.
fn read_to_end(reader: &mut impl Read, body: &mut WipedBytes, limit: usize, length: Option<u64>) -> io::Result<()> {
    let max_length = limit.saturating_add(1);
    let length = length.map_or(0, |length| usize::try_from(length).unwrap_or(max_length).min(limit));
    let initial = if length == 0 { DEFAULT_CAPACITY } else { length };
    body.try_reserve(initial.min(MAX_INITIAL_CAPACITY) + 1)?;
    let mut filled = 0;
    let result = loop {
        if filled == body.len() {
            if filled == max_length {
                break Ok(());
            }
            if filled == body.capacity() {
                // Trusts the announced length now that the first part has arrived.
                body.try_reserve(length.saturating_add(1).saturating_sub(filled).max(1))?;
            }
            let end = body.capacity().min(max_length).min(filled + READ_SIZE);
            body.extend_with_zeros(end);
        }
        match reader.read(&mut body[filled..]) {
            Ok(0) => break Ok(()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    body.truncate(filled);
    result.and_then(|()| Ok(body.try_reserve(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_whatever_its_announced_length() {
        for size in [0, 1, 1023, 1024, 1025, READ_SIZE, READ_SIZE + 1, 3 * MAX_INITIAL_CAPACITY] {
            let sent: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            for length in [None, Some(0), Some(size as u64), Some(10 * size as u64)] {
                for limit in [size, usize::MAX] {
                    let mut body = WipedBytes::default();
                    read_to_end(&mut &sent[..], &mut body, limit, length).unwrap();
                    assert!(body[..] == sent[..] && body.capacity() > size, "{size} {length:?}");
                }
            }
            let mut body = WipedBytes::default();
            read_to_end(&mut &sent[..], &mut body, size / 2, None).unwrap();
            assert_eq!(body.len(), size.min(size / 2 + 1));
        }
    }
}
