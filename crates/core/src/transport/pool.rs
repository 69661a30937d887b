//! The connection pool of one client: idle connections for later calls, and new ones when none is idle.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::transport::Transport;

use crate::support::per_process::PerProcess;
use crate::transport::attempt::{Attempt, ConnectionReuse};
use crate::transport::connect::{ConnectorChain, tls};
use crate::transport::error::{ErrorKind, TransportError};
use crate::transport::map_error::map_error;

/// Maximum number of idle connections: one for each of many threads.
const MAX_IDLE: usize = 64;

/// Idle connections are closed before servers usually close them.
const MAX_IDLE_AGE: Duration = Duration::from_secs(20);

/// Upper limit for the memory of a new connection: buffers, root certificates and TLS.
const CONNECTION_BYTES: usize = 1024 * 1024;

/// The connections of one client, separate for each process. All lead to the same host.
pub(crate) struct ConnectionPool {
    origin: Uri,
    config: Config,
    roots: tls::Roots,
    processes: PerProcess<Arc<ProcessPool>>,
}

impl ConnectionPool {
    /// A pool of connections to `origin`, through `proxy` if there is one. Opens no connection.
    pub(crate) fn new(origin: Uri, proxy: Option<ureq::Proxy>, roots: tls::Roots) -> ConnectionPool {
        let config = Config::builder().proxy(proxy).build();
        ConnectionPool { origin, config, roots, processes: PerProcess::new() }
    }

    /// The pool of the current process.
    pub(crate) fn for_this_process(&self) -> &ProcessPool {
        self.processes.get_or_init(|| {
            let connector = ConnectorChain::new(self.origin.clone(), self.config.clone(), self.roots.for_new_process());
            Arc::new(ProcessPool { connector, idle: Mutex::default() })
        })
    }

    /// Ends all connections of the current process. A parent's connections are left alone.
    pub(crate) fn close(&self) {
        if let Some(pool) = self.processes.get() {
            pool.drop_idle();
            pool.connector.shut_down();
        }
    }
}

/// The connections of one client in one process.
pub(crate) struct ProcessPool {
    connector: ConnectorChain,
    /// Ordered by `idle_since`.
    idle: Mutex<Vec<IdleConnection>>,
}

struct IdleConnection {
    connection: Box<dyn Transport>,
    idle_since: Instant,
    /// The thread that used it last. The connection's memory is likely to be in that thread's CPU cache.
    last_thread: usize,
}

impl ProcessPool {
    /// An idle connection that appears to be open, or a new connection.
    pub(crate) fn acquire(&self, attempt: &Attempt) -> Result<Box<dyn Transport>, TransportError> {
        if attempt.reuse() == ConnectionReuse::Forbidden {
            // If one idle connection turned out to be closed, the others probably are, too: no call should use them.
            self.drop_idle();
        }
        while let Some(mut connection) = self.take_idle() {
            if connection.is_open() {
                return Ok(connection);
            }
        }
        check_memory()?;
        self.connector.connect().map_err(|error| map_error(error, attempt))
    }

    /// Returns a connection whose last response was read to its end.
    pub(crate) fn release(&self, mut connection: Box<dyn Transport>) {
        // Unexpected bytes must not be taken for the next response.
        if !connection.buffers().input().is_empty() {
            return;
        }
        let idle_since = Instant::now();
        let mut idle = self.lock_idle();
        idle.push(IdleConnection { connection, idle_since, last_thread: current_thread() });
        let mut removed = remove_expired(&mut idle, idle_since);
        let excess = idle.len().saturating_sub(MAX_IDLE);
        removed.extend(idle.drain(..excess));
        // Closes the connections after the lock is released.
        drop(idle);
        drop(removed);
    }

    /// The connection that this thread used last, otherwise the one that was used last.
    fn take_idle(&self) -> Option<Box<dyn Transport>> {
        let (now, thread) = (Instant::now(), current_thread());
        let mut idle = self.lock_idle();
        let expired = remove_expired(&mut idle, now);
        let own = idle.iter().rposition(|idle| idle.last_thread == thread);
        let taken = own.or(idle.len().checked_sub(1)).map(|index| idle.remove(index));
        drop(idle);
        drop(expired);
        taken.map(|idle| idle.connection)
    }

    #[inline(never)]
    fn drop_idle(&self) {
        // Closes the connections after the lock is released.
        let idle = std::mem::take(&mut *self.lock_idle());
        drop(idle);
    }

    fn lock_idle(&self) -> MutexGuard<'_, Vec<IdleConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fails if there is not enough memory for a new connection. The libraries below allocate infallibly, so a shortage
/// there would abort the program.
fn check_memory() -> Result<(), TransportError> {
    let mut needed: Vec<u8> = Vec::new();
    let reserved = needed.try_reserve_exact(CONNECTION_BYTES);
    // Keeps the compiler from removing the allocation.
    std::hint::black_box(&needed);
    reserved.map_err(|_| TransportError::new(ErrorKind::OutOfMemory, "ran out of memory before connecting"))
}

/// A number that is unique among the running threads. `std::thread::current` would leave its handle behind in threads
/// that Rust did not start.
fn current_thread() -> usize {
    thread_local!(static MARKER: u8 = const { 0 });
    MARKER.with(|marker| &raw const *marker as usize)
}

/// Removes the connections that have been idle for too long.
fn remove_expired(idle: &mut Vec<IdleConnection>, now: Instant) -> Vec<IdleConnection> {
    let count = idle.iter().take_while(|idle| now.duration_since(idle.idle_since) >= MAX_IDLE_AGE).count();
    idle.drain(..count).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout};

    use super::*;

    /// A connection that counts how many were closed.
    #[derive(Debug)]
    struct Fake {
        buffers: LazyBuffers,
        closed: Arc<AtomicUsize>,
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
            self.closed.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn fake(closed: &Arc<AtomicUsize>) -> Box<dyn Transport> {
        Box::new(Fake { buffers: LazyBuffers::new(16, 16), closed: closed.clone() })
    }

    fn pool() -> ProcessPool {
        let roots = tls::Roots::new(None, &[]).unwrap();
        let connector = ConnectorChain::new(Uri::from_static("http://127.0.0.1:1/"), Config::default(), roots);
        ProcessPool { connector, idle: Mutex::default() }
    }

    fn idle_since(idle_since: Instant, closed: &Arc<AtomicUsize>) -> IdleConnection {
        IdleConnection { connection: fake(closed), idle_since, last_thread: current_thread() }
    }

    #[test]
    fn the_number_of_idle_connections_is_limited() {
        let (pool, closed) = (pool(), Arc::default());
        for _ in 0..MAX_IDLE + 3 {
            pool.release(fake(&closed));
        }
        assert_eq!((pool.lock_idle().len(), closed.load(Ordering::Relaxed)), (MAX_IDLE, 3));
    }

    #[test]
    fn connections_that_were_idle_for_too_long_are_closed() {
        let Some(long_ago) = Instant::now().checked_sub(MAX_IDLE_AGE) else {
            return;
        };
        let (pool, closed) = (pool(), Arc::default());
        for _ in 0..2 {
            pool.lock_idle().push(idle_since(long_ago, &closed));
        }
        assert!(pool.take_idle().is_none());
        assert_eq!(closed.load(Ordering::Relaxed), 2);
        pool.lock_idle().push(idle_since(long_ago, &closed));
        pool.release(fake(&closed));
        assert_eq!((pool.lock_idle().len(), closed.load(Ordering::Relaxed)), (1, 3));
        assert!(pool.take_idle().is_some());
    }

    #[test]
    fn a_thread_prefers_the_connection_it_used_last() {
        let (pool, closed) = (pool(), Arc::default());
        let own = fake(&closed);
        let address = &raw const *own as *const ();
        pool.release(own);
        std::thread::scope(|scope| scope.spawn(|| pool.release(fake(&closed))).join().unwrap());
        assert_eq!(&raw const *pool.take_idle().unwrap() as *const (), address);
        // Another thread's connection is better than a new one.
        assert!(pool.take_idle().is_some());
        assert!(pool.take_idle().is_none());
    }

    #[test]
    fn a_connection_with_unread_bytes_is_closed() {
        let (pool, closed) = (pool(), Arc::default());
        let mut connection = fake(&closed);
        connection.buffers().input_append_buf()[0] = b'x';
        connection.buffers().input_appended(1);
        pool.release(connection);
        assert_eq!((pool.lock_idle().len(), closed.load(Ordering::Relaxed)), (0, 1));
    }
}
