//! What a caller can use to cancel a call before its deadline.

use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use ureq::unversioned::transport::ShutdownHandle;

/// The longest time between two calls of [`Control::interrupted`] during a wait.
pub(crate) const INTERRUPT_POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The longest time between two checks for cancellation during a wait that cancellation does not wake.
pub(crate) const CANCEL_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How a call can be cancelled before its deadline.
///
/// ```
/// # use upscope_test_support::{Response, ScriptedServer};
/// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
/// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
/// # let client = upscope::Client::new(config)?;
/// use upscope::{CancelToken, Control, ErrorCode};
///
/// let token = CancelToken::new();
/// let control = Control { cancel: Some(token.clone()), ..Control::default() };
/// token.cancel();
/// let error = client.call_with("get_usage", "{}", &control).unwrap_err();
/// assert_eq!(error.code(), ErrorCode::Cancelled);
/// # Ok::<(), upscope::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Control {
    /// Cancels the call from any thread.
    pub cancel: Option<CancelToken>,
    /// Called on the thread of the call while it waits: after a signal, and at least every 100 ms. True cancels the call.
    pub interrupted: Option<Rc<dyn Fn() -> bool>>,
}

impl Control {
    /// Cancellation by this token.
    ///
    /// ```
    /// use upscope::{CancelToken, Control};
    ///
    /// let token = CancelToken::new();
    /// let control = Control::cancelled_by(&token);
    /// assert!(control.cancel.is_some_and(|token| !token.is_cancelled()));
    /// ```
    pub fn cancelled_by(token: &CancelToken) -> Control {
        Control { cancel: Some(token.clone()), ..Control::default() }
    }

    /// Cancellation by the thread of the call; see [`Control::interrupted`].
    ///
    /// ```
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use upscope::Control;
    ///
    /// static STOP: AtomicBool = AtomicBool::new(false); // set by a signal handler
    /// let control = Control::interrupted_by(|| STOP.load(Ordering::Relaxed));
    /// assert!(control.interrupted.is_some());
    /// ```
    pub fn interrupted_by(interrupted: impl Fn() -> bool + 'static) -> Control {
        Control { interrupted: Some(Rc::new(interrupted)), ..Control::default() }
    }
}

/// Cancels a call from any thread. Clones refer to the same token.
///
/// ```
/// # use upscope_test_support::{Response, ScriptedServer};
/// # let server = ScriptedServer::repeating(Response::bytes_then_hang(""));
/// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
/// # let client = upscope::Client::new(config)?;
/// use std::thread;
/// use upscope::{CancelToken, Control, ErrorCode};
///
/// let token = CancelToken::new();
/// let for_call = Control::cancelled_by(&token);
/// let watcher = thread::spawn(move || token.cancel());
/// let error = client.call_with("get_usage", "{}", &for_call).unwrap_err();
/// assert_eq!(error.code(), ErrorCode::Cancelled);
/// # watcher.join().expect("no panic");
/// # Ok::<(), upscope::Error>(())
/// ```
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
    /// The socket that the call waits on: shut down on cancellation.
    socket: Option<Weak<dyn ShutdownHandle>>,
}

impl CancelToken {
    /// A token that is not cancelled.
    ///
    /// ```
    /// assert!(!upscope::CancelToken::new().is_cancelled());
    /// ```
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Cancels the call, which returns an error with the code `cancelled` soon afterwards.
    ///
    /// ```
    /// let token = upscope::CancelToken::new();
    /// token.clone().cancel();
    /// assert!(token.is_cancelled());
    /// ```
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
    ///
    /// ```
    /// let token = upscope::CancelToken::new();
    /// token.cancel();
    /// assert!(token.is_cancelled());
    /// ```
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// Registers the socket that the call waits on.
    pub(crate) fn watch(&self, socket: Weak<dyn ShutdownHandle>) {
        self.lock().socket = Some(socket);
    }

    /// Unregisters the socket, which another call may use next.
    pub(crate) fn unwatch(&self) {
        self.lock().socket = None;
    }

    /// Sleeps. Returns false early if the token is cancelled.
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
