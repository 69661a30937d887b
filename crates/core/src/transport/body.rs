//! Reads the body of an answer.

use std::io::{self, Read};

use crate::support::secret::WipedBytes;
use crate::transport::attempt::Attempt;
use crate::transport::error::{ErrorKind, TransportError};

/// Memory taken for a body before any of it has come, at most.
const TRUSTED_LENGTH: usize = 1024 * 1024;

/// Bytes of a body made room for at a time.
const PIECE: usize = 64 * 1024;

/// Room for a body whose length is not told.
const UNKNOWN_LENGTH: usize = 4 * 1024 - 1;

/// Reads at most `limit` bytes. More is a failure, and what came until then is returned with it.
pub(crate) fn read(
    mut reader: impl Read,
    limit: usize,
    length: Option<u64>,
    attempt: &Attempt,
) -> (WipedBytes, Result<(), TransportError>) {
    let mut body = WipedBytes::default();
    let end = match read_to_end(&mut reader, &mut body, limit, length) {
        Ok(()) if body.len() > limit => {
            body.truncate(limit);
            let problem = format!("is larger than max_response_bytes, which is {limit}");
            Err(TransportError::new(ErrorKind::TooLarge, problem))
        }
        Ok(()) => Ok(()),
        Err(error) => Err(TransportError::of(ureq::Error::from(error), attempt)),
    };
    (body, end)
}

/// Reads to the end, or `limit` bytes and one more. Leaves room for the NUL with which C gets the body. The standard
/// library's own `read_to_end` would leave copies behind where the body lay before it grew.
fn read_to_end(reader: &mut impl Read, body: &mut WipedBytes, limit: usize, length: Option<u64>) -> io::Result<()> {
    let most = limit.saturating_add(1);
    let length = length.map_or(0, |length| usize::try_from(length).unwrap_or(most).min(limit));
    let room = if length == 0 { UNKNOWN_LENGTH } else { length };
    body.try_reserve(room.min(TRUSTED_LENGTH) + 1)?;
    let mut filled = 0;
    let end = loop {
        if filled == body.len() {
            if filled == most {
                break Ok(());
            }
            if filled == body.capacity() {
                // A length that was told is believed when its first part has come.
                body.try_reserve(length.saturating_add(1).saturating_sub(filled).max(1))?;
            }
            let room = body.capacity().min(most).min(filled + PIECE);
            body.extend_with_zeros(room);
        }
        match reader.read(&mut body[filled..]) {
            Ok(0) => break Ok(()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    body.truncate(filled);
    end.and_then(|()| Ok(body.try_reserve(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_whatever_is_said_of_its_length() {
        for size in [0, 1, 1023, 1024, 1025, PIECE, PIECE + 1, 3 * TRUSTED_LENGTH] {
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
