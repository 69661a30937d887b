//! Makes a transport of ureq's own, as its SOCKS connector makes it, obey the attempt that uses it.

use std::sync::Weak;

use ureq::unversioned::transport::{Buffers, NextTimeout, ShutdownHandle, Transport};

use crate::transport::attempt::State;
use crate::transport::error::TransportError;

/// A transport whose timeouts are those of the attempt.
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

    fn watch(&self, state: &State) {
        if let Some(socket) = &self.socket.0 {
            state.watch(socket.clone());
        }
    }
}

impl<T: Transport> Transport for DeadlineTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let state = State::active()?;
        self.watch(&state);
        // It does not tell how much it wrote before it failed.
        state.wrote();
        self.inner.transmit_output(amount, state.timeout_for_ureq()?)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let state = State::active()?;
        self.watch(&state);
        state.begin_wait();
        let is_more = self.inner.await_input(state.timeout_for_ureq()?)?;
        if is_more {
            state.received();
        } else {
            // A cancelled call has its socket shut down, which looks like the other side's end.
            state.time_left().map_err(TransportError::into_ureq)?;
        }
        Ok(is_more)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}
