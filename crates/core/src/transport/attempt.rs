//! One attempt of a call: how long it may take, how far it came, and who may end it.
//!
//! ureq gives its connectors and transports no way to hand a call's state down, so the attempt stands in a thread-local
//! while it is carried out: a call never leaves its thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Weak;
use std::time::{Duration, Instant};

use ureq::unversioned::transport::{NextTimeout, ShutdownHandle};

use crate::support::cancel::{CANCEL_POLL_INTERVAL, Control, INTERRUPT_POLL_INTERVAL};
use crate::transport::error::{ErrorKind, TransportError};

thread_local! {
    static CURRENT: RefCell<Option<Rc<State>>> = const { RefCell::new(None) };
}

/// How far an attempt has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waits until one of the look-ups in flight ends.
    AwaitingLookUp,
    Resolving,
    Connecting,
    Proxy,
    Tls,
    Sending,
    Waiting,
    Reading,
}

impl Phase {
    /// To follow "while".
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Phase::AwaitingLookUp => "waiting to look up the host name: too many other names are being looked up",
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

/// Which connections an attempt may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connections {
    /// An idle one from the pool, or a new one where there is none.
    Any,
    /// Only a new one.
    New,
}

/// One attempt.
pub(crate) struct Attempt(Rc<State>);

/// What the transports of this thread see of it.
pub(crate) struct State {
    deadline: Instant,
    connect_timeout: Duration,
    control: Control,
    /// The call's own thread ended it.
    interrupted: Cell<bool>,
    /// While a connection is made, it has a deadline of its own.
    connect_deadline: Cell<Option<Instant>>,
    phase: Cell<Phase>,
    /// A byte of the request left this process.
    sent: Cell<bool>,
    /// A byte of the answer arrived.
    answered: Cell<bool>,
    /// A connection was made for this attempt; otherwise it was kept from an earlier one.
    connected: Cell<bool>,
    connections: Connections,
    /// The server asked for a certificate of this client's.
    client_certificate_requested: Cell<bool>,
    /// The connection being made leads to a proxy, and through it to the service.
    tunnelling: Cell<bool>,
}

impl Attempt {
    pub(crate) fn new(
        deadline: Instant,
        connect_timeout: Duration,
        control: Control,
        connections: Connections,
    ) -> Attempt {
        Attempt(Rc::new(State {
            deadline,
            connect_timeout,
            control,
            interrupted: Cell::new(false),
            connect_deadline: Cell::new(None),
            phase: Cell::new(Phase::Sending),
            sent: Cell::new(false),
            answered: Cell::new(false),
            connected: Cell::new(false),
            connections,
            client_certificate_requested: Cell::new(false),
            tunnelling: Cell::new(false),
        }))
    }

    /// Runs `f` as this attempt: whatever waits in it obeys the deadlines.
    pub(crate) fn within<T>(&self, f: impl FnOnce() -> T) -> T {
        struct Restore(Option<Rc<State>>, Rc<State>);
        impl Drop for Restore {
            fn drop(&mut self) {
                if let Some(cancel) = &self.1.control.cancel {
                    cancel.unwatch();
                }
                CURRENT.set(self.0.take());
            }
        }
        let _restore = Restore(CURRENT.replace(Some(self.0.clone())), self.0.clone());
        f()
    }

    pub(crate) fn check(&self) -> Result<(), TransportError> {
        self.0.time_left().map(|_| ())
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.0.phase.set(phase);
    }

    pub(crate) fn phase(&self) -> Phase {
        self.0.phase.get()
    }

    /// Which connections it may use.
    pub(crate) fn connections(&self) -> Connections {
        self.0.connections
    }

    /// Whether a byte of the request may have reached the service.
    pub(crate) fn was_sent(&self) -> bool {
        self.0.sent.get()
    }

    /// Whether the failed connection was kept from an earlier call and no byte of an answer came over it.
    pub(crate) fn was_stale(&self) -> bool {
        self.connections() == Connections::Any
            && !self.0.connected.get()
            && !self.0.answered.get()
            && !self.0.is_connecting()
    }

    /// Whether the server asked for a certificate of this client's.
    pub(crate) fn client_certificate_requested(&self) -> bool {
        self.0.client_certificate_requested.get()
    }

    /// A cancelled call has its socket shut down under it, which shows as many other failures.
    pub(crate) fn explain(&self, failure: TransportError) -> TransportError {
        match failure.kind {
            _ if self.0.is_cancelled() => {
                TransportError::new(ErrorKind::Cancelled, format!("was cancelled while {}", self.phase().describe()))
            }
            ErrorKind::Lost => {
                let problem = format!("{} while {}", failure.problem, self.phase().describe());
                TransportError { problem, ..failure }
            }
            _ => failure,
        }
    }
}

impl State {
    /// The attempt that this thread is in.
    pub(crate) fn current() -> Option<Rc<State>> {
        CURRENT.with_borrow(|current| current.clone())
    }

    /// The attempt that this thread is in; an error outside of one, which is a bug.
    pub(crate) fn active() -> Result<Rc<State>, ureq::Error> {
        State::current().ok_or_else(|| TransportError::new(ErrorKind::Internal, "ran outside of a call").into_ureq())
    }

    /// The time left, in the form that ureq's own connectors take.
    pub(crate) fn timeout_for_ureq(&self) -> Result<NextTimeout, ureq::Error> {
        let left: Duration = self.time_left().map_err(TransportError::into_ureq)?;
        Ok(NextTimeout { after: left.into(), ..NextTimeout::default() })
    }

    fn is_cancelled(&self) -> bool {
        self.interrupted.get() || self.control.is_cancelled()
    }

    /// A wait was cut short, by a signal or by its slice: does the caller want to go on?
    pub(crate) fn poll_interrupt(&self) {
        if self.control.is_interrupted() {
            self.interrupted.set(true);
        }
    }

    /// How long a single wait may be, so that the caller is asked in time.
    pub(crate) fn slice(&self, left: Duration) -> Duration {
        // On Windows nothing promises that a wait ends when another thread shuts the socket down.
        if cfg!(windows) && self.control.cancel.is_some() {
            return left.min(CANCEL_POLL_INTERVAL);
        }
        if self.control.interrupted.is_some() { left.min(INTERRUPT_POLL_INTERVAL) } else { left }
    }

    /// How long the next wait may be.
    pub(crate) fn time_left(&self) -> Result<Duration, TransportError> {
        if self.is_cancelled() {
            return Err(TransportError::new(
                ErrorKind::Cancelled,
                format!("was cancelled while {}", self.phase.get().describe()),
            ));
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
                            self.phase.get().describe()
                        ),
                    )),
                },
            };
        }
        Err(TransportError::new(ErrorKind::Timeout, format!("passed while {}", self.phase.get().describe())))
    }

    /// From here on the time for one connection counts: once for a proxy and what is behind it.
    pub(crate) fn start_connecting(&self) {
        if !self.is_connecting() {
            self.connect_deadline.set(Some(Instant::now() + self.connect_timeout));
        }
    }

    pub(crate) fn is_connecting(&self) -> bool {
        self.connect_deadline.get().is_some()
    }

    /// Runs `f` as the connection to a proxy, which is not yet one to the service.
    pub(crate) fn tunnel<T>(&self, f: impl FnOnce() -> T) -> T {
        self.tunnelling.set(true);
        let result = f();
        self.tunnelling.set(false);
        result
    }

    pub(crate) fn is_tunnelling(&self) -> bool {
        self.tunnelling.get()
    }

    /// A connection stands, through proxy and TLS.
    pub(crate) fn connected(&self) {
        if self.is_tunnelling() {
            self.phase.set(Phase::Proxy);
            return;
        }
        self.connect_deadline.set(None);
        self.connected.set(true);
        self.phase.set(Phase::Sending);
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.set(phase);
    }

    /// Bytes left. While a connection is made they are the proxy's or TLS's, and not the request's.
    pub(crate) fn wrote(&self) {
        if !self.is_connecting() {
            self.sent.set(true);
        }
    }

    /// Bytes arrived, of which the same is true.
    pub(crate) fn received(&self) {
        if !self.is_connecting() {
            self.answered.set(true);
        }
    }

    /// The server asks for a certificate of this client's.
    pub(crate) fn request_client_certificate(&self) {
        self.client_certificate_requested.set(true);
    }

    /// About to wait for what the other side sends.
    pub(crate) fn begin_wait(&self) {
        if self.phase.get() == Phase::Sending {
            self.phase.set(Phase::Waiting);
        }
    }

    pub(crate) fn watch(&self, socket: Weak<dyn ShutdownHandle>) {
        if let Some(cancel) = &self.control.cancel {
            cancel.watch(socket);
        }
    }
}
