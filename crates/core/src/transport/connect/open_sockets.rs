//! The open sockets of one client, so that closing the client ends the calls that wait for them.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};

use ureq::unversioned::transport::ShutdownHandle;

/// The sockets of one client in one process. Shutting down the socket of a parent process would end its calls.
#[derive(Default)]
pub(crate) struct OpenSockets(Mutex<Vec<Weak<dyn ShutdownHandle>>>);

impl OpenSockets {
    /// Adds a new socket. The caller checks afterwards whether the client was closed.
    pub(crate) fn add(&self, socket: Weak<dyn ShutdownHandle>) {
        let mut sockets = self.lock();
        sockets.retain(|socket| socket.strong_count() > 0);
        sockets.push(socket);
    }

    /// Ends the waits of all threads for these sockets.
    pub(crate) fn shut_down(&self) {
        let sockets = std::mem::take(&mut *self.lock());
        for socket in sockets.iter().filter_map(Weak::upgrade) {
            socket.shutdown();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<dyn ShutdownHandle>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for OpenSockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenSockets")
    }
}
