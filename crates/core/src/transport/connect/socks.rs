//! Makes the transport of ureq's SOCKS connector obey the attempt that uses it.

use std::sync::Weak;

use ureq::unversioned::transport::{Buffers, NextTimeout, ShutdownHandle, Transport};

use crate::transport::attempt::Attempt;
use crate::transport::error::TransportError;

/// A transport with the attempt's deadline instead of its own timeouts.
#[derive(Debug)]
pub(crate) struct DeadlineTransport<T> {
    inner: T,
    socket: Socket,
}

struct Socket(Option<Weak<dyn ShutdownHandle>>);

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Socket")
    }
}

impl<T: Transport> DeadlineTransport<T> {
    pub(crate) fn new(inner: T, socket: Option<Weak<dyn ShutdownHandle>>) -> DeadlineTransport<T> {
        DeadlineTransport { inner, socket: Socket(socket) }
    }

    fn watch(&self, attempt: &Attempt) {
        if let Some(socket) = &self.socket.0 {
            attempt.watch_socket(socket.clone());
        }
    }
}

impl<T: Transport> Transport for DeadlineTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let attempt = Attempt::active()?;
        self.watch(&attempt);
        // Before the write: after an error it is unknown how much was written.
        attempt.on_bytes_sent();
        self.inner.transmit_output(amount, attempt.timeout_for_ureq()?)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let attempt = Attempt::active()?;
        self.watch(&attempt);
        attempt.on_wait_start();
        let has_input = self.inner.await_input(attempt.timeout_for_ureq()?)?;
        if has_input {
            attempt.on_bytes_received();
        } else {
            // Cancelling a call shuts down its socket, which looks like an orderly end of the connection.
            attempt.time_left().map_err(TransportError::into_ureq)?;
        }
        Ok(has_input)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}
