//! Response bodies that a blocking thread writes. Short ones are complete before the response is sent; long ones are sent
//! while they are written, so that they need little memory.

use std::io::{self, Write};

use hyper::body::Bytes;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::response::BodyWriter;

const PIECE_BYTES: usize = 256 << 10;

pub(crate) struct WrittenBody {
    pub(crate) start: Vec<u8>,
    /// `None` if `start` is the whole body.
    pub(crate) rest: Option<Receiver<Bytes>>,
}

/// Starts to write a body. The writer fails if the client disconnects.
pub(crate) async fn write(writer: BodyWriter) -> WrittenBody {
    // The thread is only a little ahead of the client.
    let (sender, mut pieces) = channel(2);
    tokio::task::spawn_blocking(move || {
        let mut output = PieceWriter { piece: Vec::new(), sender };
        // Fails only if nobody reads the body any more.
        let _ = writer(&mut output).and_then(|()| output.flush());
    });
    let start = pieces.recv().await.unwrap_or_default();
    let second = if start.len() < PIECE_BYTES { None } else { pieces.recv().await };
    let mut start = Vec::from(start);
    let rest = second.map(|second| {
        start.extend_from_slice(&second);
        pieces
    });
    WrittenBody { start, rest }
}

struct PieceWriter {
    piece: Vec<u8>,
    sender: Sender<Bytes>,
}

impl Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        self.sender.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
