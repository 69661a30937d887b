//! What can end a call of a client before its deadline, and what the calls of a client share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorCode};
use crate::support::cancel::{CANCEL_POLL_INTERVAL, CancelToken, Control};
use crate::support::log::ClientLogger;

/// What the calls of a client share and what can change while they run.
#[derive(Default)]
pub(crate) struct ClientState {
    closed: AtomicBool,
    pub(crate) logger: ClientLogger,
}

impl ClientState {
    /// Marks the client as closed.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Whether the client is closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

/// The error of a call that is made after its client was closed.
pub(crate) fn client_closed(operation: &'static str) -> Error {
    Error::new(ErrorCode::Cancelled, format!("{operation} failed: the client is closed.")).in_operation(operation)
}

/// What can end one call of a client before its deadline: its [`Control`], and closing the client.
#[derive(Clone)]
pub(crate) struct CallControl {
    control: Control,
    client: Arc<ClientState>,
}

impl CallControl {
    pub(crate) fn new(control: &Control, client: &Arc<ClientState>) -> CallControl {
        CallControl { control: control.clone(), client: client.clone() }
    }

    /// The client of the call.
    pub(crate) fn client(&self) -> &ClientState {
        &self.client
    }

    /// The token that cancels the call, if there is one.
    pub(crate) fn token(&self) -> Option<&CancelToken> {
        self.control.cancel.as_ref()
    }

    /// Whether the caller's own code can end the call.
    pub(crate) fn can_be_interrupted(&self) -> bool {
        self.control.interrupted.is_some()
    }

    /// Whether the token is cancelled or the client is closed.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.client.is_closed() || self.token().is_some_and(CancelToken::is_cancelled)
    }

    /// Whether the caller's own code ends the call. Calls that code.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.control.interrupted.as_ref().is_some_and(|interrupted| interrupted())
    }

    /// Whether the call is to end for any reason. Calls the caller's own code.
    pub(crate) fn should_stop(&self) -> bool {
        self.is_cancelled() || self.is_interrupted()
    }

    /// Sleeps. Returns false early if the call is to end.
    pub(crate) fn sleep(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            // Closing the client does not wake the thread.
            let slice = left.min(CANCEL_POLL_INTERVAL);
            match self.token() {
                Some(token) if !token.sleep(slice) => return false,
                Some(_) => {}
                None => std::thread::sleep(slice),
            }
            if self.should_stop() {
                return false;
            }
        }
    }
}
