//! Ends a call before its deadline.

use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use ureq::unversioned::transport::ShutdownHandle;

/// How often a call that waits asks [`Control::interrupted`], at least.
pub(crate) const INTERRUPT_SLICE: Duration = Duration::from_millis(100);

/// How often a wait looks whether the call was cancelled, where that does not wake it.
pub(crate) const CANCEL_SLICE: Duration = Duration::from_millis(50);

/// Who may end a call before its deadline.
#[derive(Clone, Default)]
pub struct Control {
    /// Ends the call from another thread.
    pub cancel: Option<CancelToken>,
    /// Asked on the call's own thread while it waits: after a signal, and every 100 ms. True ends the call.
    pub interrupted: Option<Rc<dyn Fn() -> bool>>,
}

impl Control {
    /// A call that this token can end.
    pub fn cancelled_by(token: &CancelToken) -> Control {
        Control { cancel: Some(token.clone()), ..Control::default() }
    }

    /// A call that its own thread can end; see [`Control::interrupted`].
    pub fn interrupted_by(interrupted: impl Fn() -> bool + 'static) -> Control {
        Control { interrupted: Some(Rc::new(interrupted)), ..Control::default() }
    }

    /// Whether the call is to end now, as far as another thread decides.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    /// Whether the call is to end now, as far as its own thread decides.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted.as_ref().is_some_and(|interrupted| interrupted())
    }

    /// Whether the call is to end now. Asks the caller's own code.
    pub(crate) fn is_over(&self) -> bool {
        self.is_cancelled() || self.is_interrupted()
    }

    /// Waits. Returns early, with false, when the call is to end.
    pub(crate) fn sleep(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            let slice = if self.interrupted.is_some() { left.min(INTERRUPT_SLICE) } else { left };
            match &self.cancel {
                Some(cancel) if !cancel.sleep(slice) => return false,
                Some(_) => {}
                None => std::thread::sleep(slice),
            }
            if self.is_interrupted() {
                return false;
            }
        }
    }
}

/// Ends the call it is given to, from any thread. Clones are the same token.
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    cancelled: Condvar,
}

#[derive(Default)]
struct State {
    cancelled: bool,
    /// What the call waits on, to be shut down.
    socket: Option<Weak<dyn ShutdownHandle>>,
}

impl CancelToken {
    /// A token that is not cancelled.
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Ends the call. It returns an error with the code `cancelled` soon afterwards.
    pub fn cancel(&self) {
        let mut state = self.lock();
        state.cancelled = true;
        let socket = state.socket.take().and_then(|socket| socket.upgrade());
        drop(state);
        self.0.cancelled.notify_all();
        if let Some(socket) = socket {
            socket.shutdown();
        }
    }

    /// Whether [`cancel`](CancelToken::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// The call now waits on this socket.
    pub(crate) fn watch(&self, socket: Weak<dyn ShutdownHandle>) {
        self.lock().socket = Some(socket);
    }

    /// The call no longer waits on a socket, which may serve another call next.
    pub(crate) fn unwatch(&self) {
        self.lock().socket = None;
    }

    /// Waits. Returns early, with false, when the call is cancelled.
    pub(crate) fn sleep(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        let mut state = self.lock();
        while !state.cancelled {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            state = match self.0.cancelled.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        false
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CancelToken").field("cancelled", &self.is_cancelled()).finish()
    }
}
