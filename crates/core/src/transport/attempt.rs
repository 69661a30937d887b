//! One attempt of a call: its deadlines, its progress, and whether it was cancelled.
//!
//! ureq's connector and transport traits take no context argument. The attempt is therefore in a thread-local while it
//! runs. This works because a call never changes threads.
//!
//! An attempt is a state machine. The connectors and transports report each event with an `on_` method, and these
//! methods are the only transitions:
//!
//! ```text
//! a new connection, first:
//!     on_connect_start         the connect timeout starts
//!     on_proxy_start           -> Proxy          only with a proxy
//!     on_lookup_start          -> Resolving
//!     on_lookup_queued         -> LookupQueued   while too many lookups run
//!     on_tcp_connect_start     -> Connecting
//!     on_tls_start             -> Tls            only with TLS
//!     on_connected             -> Sending        the connect timeout ends; in a tunnel: -> Proxy
//! any connection:
//!     new                      -> Sending
//!     on_bytes_sent
//!     on_wait_start            -> Waiting        only from Sending
//!     on_bytes_received
//!     on_head_received         -> Reading
//! ```

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Weak;
use std::time::{Duration, Instant};

use ureq::unversioned::transport::{NextTimeout, ShutdownHandle};

use crate::support::call_control::CallControl;
use crate::support::cancel::{CANCEL_POLL_INTERVAL, INTERRUPT_POLL_INTERVAL};
use crate::support::log::Level;
use crate::transport::error::{ErrorKind, TransportError};

thread_local! {
    static CURRENT: RefCell<Option<Rc<Attempt>>> = const { RefCell::new(None) };
}

/// What an attempt is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waiting for one of the running lookups to end.
    LookupQueued,
    Resolving,
    Connecting,
    Proxy,
    Tls,
    Sending,
    Waiting,
    Reading,
}

impl Phase {
    /// A clause that follows "while".
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Phase::LookupQueued => "waiting to look up the host name: too many other names are being looked up",
            Phase::Resolving => "looking up the host name",
            Phase::Connecting => "connecting",
            Phase::Proxy => "connecting through the proxy",
            Phase::Tls => "setting up TLS",
            Phase::Sending => "sending the request",
            Phase::Waiting => "waiting for the answer",
            Phase::Reading => "reading the answer",
        }
    }
}

/// Whether an attempt may use an idle connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionReuse {
    /// An idle connection if there is one, otherwise a new one.
    Allowed,
    /// Always a new connection.
    Forbidden,
}

/// The state of one attempt. Only its own thread uses it.
pub(crate) struct Attempt {
    deadline: Instant,
    connect_timeout: Duration,
    control: CallControl,
    reuse: ConnectionReuse,
    phase: Cell<Phase>,
    /// Set while a connection is being opened.
    connect_deadline: Cell<Option<Instant>>,
    /// The connection being opened is the tunnel to an HTTP proxy.
    in_tunnel: Cell<bool>,
    /// A connection was opened for this attempt.
    has_new_connection: Cell<bool>,
    /// At least one byte of the request was sent.
    request_started: Cell<bool>,
    /// At least one byte of the response arrived.
    response_started: Cell<bool>,
    client_certificate_requested: Cell<bool>,
    /// The caller's own code ended the call.
    interrupted: Cell<bool>,
}

impl Attempt {
    pub(crate) fn new(
        deadline: Instant,
        connect_timeout: Duration,
        control: CallControl,
        reuse: ConnectionReuse,
    ) -> Rc<Attempt> {
        Rc::new(Attempt {
            deadline,
            connect_timeout,
            control,
            reuse,
            phase: Cell::new(Phase::Sending),
            connect_deadline: Cell::new(None),
            in_tunnel: Cell::new(false),
            has_new_connection: Cell::new(false),
            request_started: Cell::new(false),
            response_started: Cell::new(false),
            client_certificate_requested: Cell::new(false),
            interrupted: Cell::new(false),
        })
    }

    /// Runs `f` with this as the current attempt of the thread.
    pub(crate) fn scope<T>(self: &Rc<Self>, f: impl FnOnce() -> T) -> T {
        struct Restore {
            previous: Option<Rc<Attempt>>,
            attempt: Rc<Attempt>,
        }
        impl Drop for Restore {
            fn drop(&mut self) {
                if let Some(token) = self.attempt.control.token() {
                    token.unwatch();
                }
                CURRENT.set(self.previous.take());
            }
        }
        let _restore = Restore { previous: CURRENT.replace(Some(self.clone())), attempt: self.clone() };
        f()
    }

    /// The current attempt of this thread, if there is one.
    pub(crate) fn current() -> Option<Rc<Attempt>> {
        CURRENT.with_borrow(|current| current.clone())
    }

    /// The current attempt of this thread. If there is none, that is a bug.
    pub(crate) fn active() -> Result<Rc<Attempt>, ureq::Error> {
        Attempt::current()
            .ok_or_else(|| TransportError::new(ErrorKind::Internal, "ran without an active call").into_ureq())
    }
}

/// The transitions.
impl Attempt {
    /// A connection is being opened. A proxy and the connection through it share one connect timeout.
    pub(crate) fn on_connect_start(&self) {
        if !self.is_connecting() {
            self.connect_deadline.set(Some(Instant::now() + self.connect_timeout));
        }
    }

    pub(crate) fn on_proxy_start(&self) {
        self.phase.set(Phase::Proxy);
    }

    pub(crate) fn on_lookup_start(&self) {
        self.phase.set(Phase::Resolving);
    }

    pub(crate) fn on_lookup_queued(&self) {
        self.phase.set(Phase::LookupQueued);
    }

    pub(crate) fn on_tcp_connect_start(&self) {
        self.phase.set(Phase::Connecting);
    }

    pub(crate) fn on_tls_start(&self) {
        self.phase.set(Phase::Tls);
    }

    pub(crate) fn on_client_certificate_requested(&self) {
        self.client_certificate_requested.set(true);
    }

    /// The connection is open, including proxy and TLS.
    pub(crate) fn on_connected(&self) {
        if self.in_tunnel() {
            self.phase.set(Phase::Proxy);
            return;
        }
        self.connect_deadline.set(None);
        self.has_new_connection.set(true);
        self.phase.set(Phase::Sending);
    }

    /// While a connection is being opened, these are bytes of the proxy protocol or TLS, not of the request.
    pub(crate) fn on_bytes_sent(&self) {
        if !self.is_connecting() {
            self.request_started.set(true);
        }
    }

    pub(crate) fn on_wait_start(&self) {
        if self.phase.get() == Phase::Sending {
            self.phase.set(Phase::Waiting);
        }
    }

    /// While a connection is being opened, these are bytes of the proxy protocol or TLS, not of the response.
    pub(crate) fn on_bytes_received(&self) {
        if !self.is_connecting() {
            self.response_started.set(true);
        }
    }

    pub(crate) fn on_head_received(&self) {
        self.phase.set(Phase::Reading);
    }

    /// Runs `f`, which opens the tunnel through an HTTP proxy.
    pub(crate) fn open_tunnel<T>(&self, f: impl FnOnce() -> T) -> T {
        self.in_tunnel.set(true);
        let result = f();
        self.in_tunnel.set(false);
        result
    }
}

/// The progress.
impl Attempt {
    pub(crate) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(crate) fn reuse(&self) -> ConnectionReuse {
        self.reuse
    }

    pub(crate) fn is_connecting(&self) -> bool {
        self.connect_deadline.get().is_some()
    }

    pub(crate) fn in_tunnel(&self) -> bool {
        self.in_tunnel.get()
    }

    /// Whether a byte of the request may have reached the service.
    pub(crate) fn was_sent(&self) -> bool {
        self.request_started.get()
    }

    /// Whether the attempt used an idle connection and received nothing over it.
    pub(crate) fn was_stale(&self) -> bool {
        self.reuse == ConnectionReuse::Allowed
            && !self.has_new_connection.get()
            && !self.response_started.get()
            && !self.is_connecting()
    }

    pub(crate) fn client_certificate_requested(&self) -> bool {
        self.client_certificate_requested.get()
    }

    /// Adds the phase to the error of a lost connection. Reports a cancelled call as such: cancelling shuts down its
    /// socket, which can cause many other errors.
    pub(crate) fn add_context(&self, error: TransportError) -> TransportError {
        match error.kind {
            _ if self.is_cancelled() => self.cancelled(),
            ErrorKind::Lost => {
                let problem = format!("{} while {}", error.problem, self.phase().describe());
                TransportError { problem, ..error }
            }
            _ => error,
        }
    }
}

/// Deadlines and cancellation.
impl Attempt {
    /// How long the next wait may take.
    pub(crate) fn time_left(&self) -> Result<Duration, TransportError> {
        if self.is_cancelled() {
            return Err(self.cancelled());
        }
        let now = Instant::now();
        if let Some(left) = self.deadline.checked_duration_since(now).filter(|left| !left.is_zero()) {
            return match self.connect_deadline.get() {
                None => Ok(left),
                Some(connect) => match connect.checked_duration_since(now).filter(|left| !left.is_zero()) {
                    Some(to_connect) => Ok(left.min(to_connect)),
                    None => Err(TransportError::new(
                        ErrorKind::ConnectTimeout,
                        format!(
                            "took longer than connect_timeout_ms, which is {}, while {}",
                            self.connect_timeout.as_millis(),
                            self.phase().describe()
                        ),
                    )),
                },
            };
        }
        Err(TransportError::new(ErrorKind::Timeout, format!("passed while {}", self.phase().describe())))
    }

    /// The time left, as ureq's own connectors take it.
    pub(crate) fn timeout_for_ureq(&self) -> Result<NextTimeout, ureq::Error> {
        let left: Duration = self.time_left().map_err(TransportError::into_ureq)?;
        Ok(NextTimeout { after: left.into(), ..NextTimeout::default() })
    }

    /// Limits a single wait, so that the [`CallControl`] is checked often enough.
    pub(crate) fn wait_slice(&self, left: Duration) -> Duration {
        // On Windows, a wait is not guaranteed to end when another thread shuts down the socket.
        if cfg!(windows) {
            return left.min(CANCEL_POLL_INTERVAL);
        }
        if self.control.can_be_interrupted() { left.min(INTERRUPT_POLL_INTERVAL) } else { left }
    }

    /// Call this after each wait that a signal or [`wait_slice`](Attempt::wait_slice) ended. Runs the caller's own code.
    pub(crate) fn poll_interrupt(&self) {
        if self.control.is_interrupted() {
            self.interrupted.set(true);
        }
    }

    /// Lets the cancel token shut down the socket that this attempt waits for.
    pub(crate) fn watch_socket(&self, socket: Weak<dyn ShutdownHandle>) {
        if let Some(token) = self.control.token() {
            token.watch(socket);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.interrupted.get() || self.control.is_cancelled()
    }

    fn cancelled(&self) -> TransportError {
        let reason = if self.control.client().is_closed() { ", because the client was closed" } else { "" };
        TransportError::new(ErrorKind::Cancelled, format!("was cancelled while {}{reason}", self.phase().describe()))
    }

    /// Writes a line to the log of the client.
    pub(crate) fn log(&self, level: Level, line: impl FnOnce() -> String) {
        self.control.client().logger.write(level, line);
    }
}
