//! Log lines, off until a hook is set. They contain methods, paths, statuses and times, never a query, a header or a body.
//!
//! A client can have its own logger. Without one, its lines go to the global logger.
//!
//! ```
//! use std::sync::Arc;
//! use upscope::log::{Level, set_logger};
//!
//! let hook = |level: Level, line: &str| eprintln!("{level:?} {line}");
//! set_logger(Some(Arc::new(hook)), Level::Warn as i32);
//! # set_logger(None, 0);
//! ```

use std::cell::Cell;
use std::process;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, PoisonError, RwLock, TryLockError};
use std::thread;
use std::time::Duration;

use once_cell::race::OnceBox;

/// How important a line is. The numbers are those of the C ABI.
///
/// ```
/// use upscope::log::Level;
///
/// assert!(Level::Error < Level::Trace);
/// assert_eq!(Level::Debug as i32, 4);
/// ```
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

/// Receives a log line, on the thread that makes the call. See [`set_logger`] for an example.
pub type Hook = dyn Fn(Level, &str) + Send + Sync;

/// The logger of all clients that have none of their own.
static GLOBAL: Logger = Logger::new(0);

/// The level of a client whose lines go to the global logger, which then decides.
const GLOBAL_LEVEL: i32 = i32::MIN;

thread_local! {
    /// How many hooks run on this thread: a hook may make calls that log.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// A hook that can be replaced while other threads log.
struct Logger {
    /// The highest level that is logged. Read without a lock.
    max_level: AtomicI32,
    /// The logger of the first process that used it; those of its forked children follow.
    first: OnceBox<ProcessLogger>,
}

/// The hook of one process. A forked child never waits for its parent's: a thread that does not exist in the child may
/// hold the lock or a clone of the target.
struct ProcessLogger {
    process: u32,
    target: RwLock<Arc<Target>>,
    child: OnceBox<ProcessLogger>,
}

/// Where lines go. A thread holds a clone while it writes a line.
struct Target {
    hook: Option<Arc<Hook>>,
    max_level: i32,
}

impl Logger {
    const fn new(max_level: i32) -> Logger {
        Logger { max_level: AtomicI32::new(max_level), first: OnceBox::new() }
    }

    /// This process's logger. Takes no lock that another thread may hold during `fork()`.
    fn current(&self) -> &ProcessLogger {
        let process = process::id();
        let mut logger = self.first.get_or_init(|| ProcessLogger::new(process, None, 0));
        while logger.process != process {
            logger = logger.child.get_or_init(|| logger.for_child(process));
        }
        logger
    }

    /// Replaces the hook. `level_without_hook` is the level if there is none.
    fn replace(&self, hook: Option<Arc<Hook>>, max_level: i32, level_without_hook: i32) {
        let level = if hook.is_some() { max_level } else { level_without_hook };
        let mut target = self.current().target.write().unwrap_or_else(PoisonError::into_inner);
        let mut previous = std::mem::replace(&mut *target, Arc::new(Target { hook, max_level }));
        self.max_level.store(level, Ordering::Relaxed);
        drop(target);
        // Two hooks that both replace a hook would wait for each other.
        while DEPTH.get() == 0 && Arc::get_mut(&mut previous).is_none() {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Passes a line to the hook, or to the global one. Holds the target meanwhile, so that [`replace`](Logger::replace)
    /// waits in both cases.
    #[cold]
    fn deliver(&self, level: Level, line: &str) {
        let target = self.current().target.read().unwrap_or_else(PoisonError::into_inner).clone();
        match &target.hook {
            Some(hook) if level as i32 <= target.max_level => {
                let _running = Running::start();
                hook(level, line);
            }
            None if !std::ptr::eq(self, &raw const GLOBAL) => GLOBAL.deliver(level, line),
            _ => {}
        }
    }
}

impl ProcessLogger {
    fn new(process: u32, hook: Option<Arc<Hook>>, max_level: i32) -> Box<ProcessLogger> {
        let target = RwLock::new(Arc::new(Target { hook, max_level }));
        Box::new(ProcessLogger { process, target, child: OnceBox::new() })
    }

    /// The logger of a forked child, with the hook as the child finds it: none if another thread was replacing it during
    /// the fork.
    fn for_child(&self, process: u32) -> Box<ProcessLogger> {
        let inherit = |target: &Target| ProcessLogger::new(process, target.hook.clone(), target.max_level);
        match self.target.try_read() {
            Ok(target) => inherit(&target),
            Err(TryLockError::Poisoned(target)) => inherit(&target.into_inner()),
            Err(TryLockError::WouldBlock) => ProcessLogger::new(process, None, 0),
        }
    }
}

/// Sends the lines up to `max_level` of all clients to `hook`, except those of clients with a logger of their own. None
/// turns logging off.
///
/// When this returns, the previous hook no longer runs, unless a hook made this call.
///
/// A forked child uses its parent's hook. If another thread was inside this function during the fork, logging is off in
/// the child until it calls this function.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use upscope::log::{Level, set_logger};
/// use upscope::{Client, Config};
///
/// let lines = Arc::new(Mutex::new(Vec::new()));
/// let hook = { let lines = lines.clone(); move |_: Level, line: &str| lines.lock().unwrap().push(line.to_owned()) };
/// set_logger(Some(Arc::new(hook)), Level::Info as i32);
/// Client::new(Config::new().api_key("secret").base_url("https://desk.example").proxy(""))?;
/// set_logger(None, 0);
/// assert!(lines.lock().unwrap().iter().any(|line| line.starts_with("client for https://desk.example with no proxy")));
/// # Ok::<(), upscope::Error>(())
/// ```
pub fn set_logger(hook: Option<Arc<Hook>>, max_level: i32) {
    GLOBAL.replace(hook, max_level, 0);
}

/// The logger of one client.
pub(crate) struct ClientLogger(Logger);

impl Default for ClientLogger {
    fn default() -> ClientLogger {
        ClientLogger(Logger::new(GLOBAL_LEVEL))
    }
}

impl ClientLogger {
    /// Replaces the hook; see [`Client::set_logger`](crate::Client::set_logger).
    pub(crate) fn set(&self, hook: Option<Arc<Hook>>, max_level: i32) {
        // A negative level turns this client's lines off, as 0 does.
        self.0.replace(hook, max_level.max(0), GLOBAL_LEVEL);
    }

    /// Writes a line, if a hook is set for its level.
    pub(crate) fn write(&self, level: Level, line: impl FnOnce() -> String) {
        let own = self.0.max_level.load(Ordering::Relaxed);
        let max_level = if own == GLOBAL_LEVEL { GLOBAL.max_level.load(Ordering::Relaxed) } else { own };
        if level as i32 <= max_level {
            self.0.deliver(level, &line());
        }
    }
}

/// Counts a running hook, also when it unwinds.
struct Running;

impl Running {
    fn start() -> Running {
        DEPTH.set(DEPTH.get() + 1);
        Running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}
