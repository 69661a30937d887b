//! Log lines, off until a hook is set. They contain methods, paths, statuses and times, never a query, a header or a body.

use std::cell::Cell;
use std::process;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, TryLockError};
use std::thread;
use std::time::Duration;

use once_cell::race::OnceBox;

/// How important a line is. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// A call failed because of a bug in this library.
    Error = 1,
    /// An attempt failed and is repeated, or a request is probably a mistake.
    Warn = 2,
    /// A client was created.
    Info = 3,
    /// An attempt ended.
    Debug = 4,
    /// An attempt started.
    Trace = 5,
}

/// Receives a log line, on the thread that makes the call.
pub type Hook = dyn Fn(Level, &str) + Send + Sync;

static MAX_LEVEL: AtomicI32 = AtomicI32::new(0);

/// The logger of the first process that logged; those of its forked children follow.
static FIRST: OnceBox<Logger> = OnceBox::new();

thread_local! {
    /// How many hooks run on this thread: a hook may make calls that log.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The hook of one process. A forked child never waits for its parent's: a thread that does not exist in the child may
/// hold the lock, or be counted as running.
struct Logger {
    process: u32,
    hook: RwLock<Option<Arc<Hook>>>,
    /// How many hooks run, on all threads.
    running: AtomicUsize,
    child: OnceBox<Logger>,
}

impl Logger {
    /// This process's logger. Takes no lock that another thread may hold during `fork()`.
    fn current() -> &'static Logger {
        let process = process::id();
        let mut logger = FIRST.get_or_init(|| Logger::new(process, None));
        while logger.process != process {
            logger = logger.child.get_or_init(|| Logger::new(process, logger.inherited_hook()));
        }
        logger
    }

    fn new(process: u32, hook: Option<Arc<Hook>>) -> Box<Logger> {
        Box::new(Logger { process, hook: RwLock::new(hook), running: AtomicUsize::new(0), child: OnceBox::new() })
    }

    /// The hook as the child finds it. None if another thread was replacing it during the fork.
    fn inherited_hook(&self) -> Option<Arc<Hook>> {
        match self.hook.try_read() {
            Ok(hook) => hook.clone(),
            Err(TryLockError::Poisoned(hook)) => hook.into_inner().clone(),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// Sends lines up to `max_level` from every thread to `hook`; None turns logging off.
///
/// When this returns, the previous hook no longer runs, unless that hook made this call.
///
/// A forked child uses its parent's hook. If another thread was inside this function during the fork, logging is off in
/// the child until it calls this function.
pub fn set_logger(hook: Option<Arc<Hook>>, max_level: i32) {
    let level = if hook.is_some() { max_level } else { 0 };
    let logger = Logger::current();
    MAX_LEVEL.store(0, Ordering::SeqCst);
    let previous = std::mem::replace(&mut *logger.hook.write().unwrap_or_else(PoisonError::into_inner), hook);
    // Two hooks that both call this function would wait for each other.
    while DEPTH.get() == 0 && logger.running.load(Ordering::SeqCst) > 0 {
        thread::sleep(Duration::from_millis(1));
    }
    MAX_LEVEL.store(level, Ordering::SeqCst);
    drop(previous);
}

/// Writes a line, if a hook is set for its level.
pub(crate) fn write(level: Level, line: impl FnOnce() -> String) {
    if level as i32 > MAX_LEVEL.load(Ordering::Relaxed) {
        return;
    }
    let logger = Logger::current();
    let _running = Running::start(logger);
    let hook = logger.hook.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(hook) = hook {
        hook(level, &line());
    }
}

/// Counts a running hook, also when it unwinds.
struct Running(&'static Logger);

impl Running {
    fn start(logger: &'static Logger) -> Running {
        logger.running.fetch_add(1, Ordering::SeqCst);
        DEPTH.set(DEPTH.get() + 1);
        Running(logger)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}
