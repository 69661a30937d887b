//! The connections of one client: those kept open between calls, and new ones where none is left.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::transport::Transport;

use crate::support::per_process::PerProcess;
use crate::transport::attempt::{self, Attempt};
use crate::transport::connect::{Connect, tls};
use crate::transport::error::{ErrorKind, TransportError};

/// Idle connections kept: one for each of many threads.
const MAX_IDLE: usize = 64;

/// Idle connections are dropped before servers commonly close them.
const MAX_IDLE_AGE: Duration = Duration::from_secs(20);

/// Memory that a new connection may take: buffers, the roots and TLS.
const CONNECTION_BYTES: usize = 1024 * 1024;

/// The connections of this process and those it was forked from. All lead to the same place.
pub(crate) struct Connections {
    origin: Uri,
    config: Config,
    roots: tls::Roots,
    processes: PerProcess<Arc<Kept>>,
}

impl Connections {
    /// To `origin`, through `proxy` if there is one. Nothing is connected yet.
    pub(crate) fn new(origin: Uri, proxy: Option<ureq::Proxy>, roots: tls::Roots) -> Connections {
        let config = Config::builder().proxy(proxy).build();
        Connections { origin, config, roots, processes: PerProcess::new() }
    }

    /// This process's.
    pub(crate) fn current(&self) -> &Kept {
        self.processes.get_or_init(|| {
            let connect = Connect::new(self.origin.clone(), self.config.clone(), self.roots.for_new_process());
            Arc::new(Kept { connect, idle: Mutex::default() })
        })
    }
}

/// The connections of one process.
pub(crate) struct Kept {
    connect: Connect,
    /// From the one that has been idle for longest to the one used last.
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: Box<dyn Transport>,
    since: Instant,
    /// Who used it last: what it holds is in the caches of the processor that this thread runs on.
    by: usize,
}

impl Kept {
    /// A connection that is open as far as can be seen: one that was kept, or a new one.
    pub(crate) fn get(&self, attempt: &Attempt) -> Result<Box<dyn Transport>, TransportError> {
        if attempt.connections() == attempt::Connections::New {
            // What happened to one of them has probably happened to all: no other call is to meet it.
            let gone = std::mem::take(&mut *self.idle());
            drop(gone);
        }
        while let Some(mut connection) = self.take() {
            if connection.is_open() {
                return Ok(connection);
            }
        }
        check_memory()?;
        self.connect.open().map_err(|error| TransportError::of(error, attempt))
    }

    /// Keeps a connection over which all that was asked for has come.
    pub(crate) fn keep(&self, mut connection: Box<dyn Transport>) {
        // Bytes that nobody asked for are no answer to the next request.
        if !connection.buffers().input().is_empty() {
            return;
        }
        let since = Instant::now();
        let mut idle = self.idle();
        idle.push(Idle { connection, since, by: this_thread() });
        let mut gone = too_old(&mut idle, since);
        let too_many = idle.len().saturating_sub(MAX_IDLE);
        gone.extend(idle.drain(..too_many));
        // Closed when the lock is free again.
        drop(idle);
        drop(gone);
    }

    /// The one that this thread used last, or else the one that any did.
    fn take(&self) -> Option<Box<dyn Transport>> {
        let (now, this) = (Instant::now(), this_thread());
        let mut idle = self.idle();
        let gone = too_old(&mut idle, now);
        let own = idle.iter().rposition(|idle| idle.by == this);
        let taken = own.or(idle.len().checked_sub(1)).map(|at| idle.remove(at));
        drop(idle);
        drop(gone);
        taken.map(|idle| idle.connection)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses to make a connection for which there is no memory: what other libraries allocate for it, they allocate
/// infallibly, and the program would abort.
fn check_memory() -> Result<(), TransportError> {
    let mut needed: Vec<u8> = Vec::new();
    let reserved = needed.try_reserve_exact(CONNECTION_BYTES);
    // Or else the compiler may leave the allocation out.
    std::hint::black_box(&needed);
    reserved.map_err(|_| TransportError::new(ErrorKind::OutOfMemory, "ran out of memory before connecting"))
}

/// What tells this thread from all others that live. The standard library's handle would be left behind in threads that
/// are not its own.
fn this_thread() -> usize {
    thread_local!(static PLACE: u8 = const { 0 });
    PLACE.with(|place| &raw const *place as usize)
}

/// Takes out those that have been idle for too long.
fn too_old(idle: &mut Vec<Idle>, now: Instant) -> Vec<Idle> {
    let count = idle.iter().take_while(|idle| now.duration_since(idle.since) >= MAX_IDLE_AGE).count();
    idle.drain(..count).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout};

    use super::*;

    /// Counts those that are gone.
    #[derive(Debug)]
    struct Fake {
        buffers: LazyBuffers,
        gone: Arc<AtomicUsize>,
    }

    impl Transport for Fake {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), ureq::Error> {
            Err(ureq::Error::ConnectionFailed)
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
            Err(ureq::Error::ConnectionFailed)
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    impl Drop for Fake {
        fn drop(&mut self) {
            self.gone.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn fake(gone: &Arc<AtomicUsize>) -> Box<dyn Transport> {
        Box::new(Fake { buffers: LazyBuffers::new(16, 16), gone: gone.clone() })
    }

    fn kept() -> Kept {
        let roots = tls::Roots::new(None).unwrap();
        let connect = Connect::new(Uri::from_static("http://127.0.0.1:1/"), Config::default(), roots);
        Kept { connect, idle: Mutex::default() }
    }

    #[test]
    fn no_more_are_kept_than_many_threads_need() {
        let (kept, gone) = (kept(), Arc::default());
        for _ in 0..MAX_IDLE + 3 {
            kept.keep(fake(&gone));
        }
        assert_eq!((kept.idle().len(), gone.load(Ordering::Relaxed)), (MAX_IDLE, 3));
    }

    #[test]
    fn what_was_idle_for_long_is_not_used() {
        let Some(long_ago) = Instant::now().checked_sub(MAX_IDLE_AGE) else {
            return;
        };
        let (kept, gone) = (kept(), Arc::default());
        for _ in 0..2 {
            kept.idle().push(Idle { connection: fake(&gone), since: long_ago, by: this_thread() });
        }
        assert!(kept.take().is_none());
        assert_eq!(gone.load(Ordering::Relaxed), 2);
        kept.idle().push(Idle { connection: fake(&gone), since: long_ago, by: this_thread() });
        kept.keep(fake(&gone));
        assert_eq!((kept.idle().len(), gone.load(Ordering::Relaxed)), (1, 3));
        assert!(kept.take().is_some());
    }

    #[test]
    fn a_thread_gets_its_own_back() {
        let (kept, gone) = (kept(), Arc::default());
        let mine = fake(&gone);
        let address = &raw const *mine as *const ();
        kept.keep(mine);
        std::thread::scope(|scope| scope.spawn(|| kept.keep(fake(&gone))).join().unwrap());
        assert_eq!(&raw const *kept.take().unwrap() as *const (), address);
        // Rather another thread's than none.
        assert!(kept.take().is_some());
        assert!(kept.take().is_none());
    }

    #[test]
    fn one_with_bytes_that_nobody_asked_for_is_not_kept() {
        let (kept, gone) = (kept(), Arc::default());
        let mut connection = fake(&gone);
        connection.buffers().input_append_buf()[0] = b'x';
        connection.buffers().input_appended(1);
        kept.keep(connection);
        assert_eq!((kept.idle().len(), gone.load(Ordering::Relaxed)), (0, 1));
    }
}
