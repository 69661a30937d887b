//! Log lines, off until somebody asks for them. They hold methods, paths, statuses and times, never a query,
//! a header or a body.

use std::cell::Cell;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How important a line is. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// A call failed by a fault of this library.
    Error = 1,
    /// An attempt failed and is repeated, or a request is sent that is probably a mistake.
    Warn = 2,
    /// A client was made.
    Info = 3,
    /// An attempt ended.
    Debug = 4,
    /// An attempt began.
    Trace = 5,
}

/// Takes a log line, on the thread that makes the call.
pub type Hook = dyn Fn(Level, &str) + Send + Sync;

static HOOK: RwLock<Option<Arc<Hook>>> = RwLock::new(None);
static MAX_LEVEL: AtomicI32 = AtomicI32::new(0);
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static PROCESS: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static WITHIN: Cell<usize> = const { Cell::new(0) };
}

/// Sends lines up to `max_level` to `hook`, from whichever thread they come; None turns them off.
///
/// When this returns, the former hook runs no more, unless this is called from within it.
pub fn set_logger(hook: Option<Arc<Hook>>, max_level: i32) {
    let level = if hook.is_some() { max_level } else { 0 };
    MAX_LEVEL.store(0, Ordering::SeqCst);
    // After a fork, what ran in the parent's threads does not run here.
    let process = std::process::id();
    if PROCESS.swap(process, Ordering::SeqCst) != process {
        RUNNING.store(WITHIN.get(), Ordering::SeqCst);
    }
    *HOOK.write().unwrap_or_else(PoisonError::into_inner) = hook;
    // From within a hook it does not wait: two hooks that both did this would wait for each other.
    while WITHIN.get() == 0 && RUNNING.load(Ordering::SeqCst) > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    MAX_LEVEL.store(level, Ordering::SeqCst);
}

/// Writes a line, if anybody listens.
pub(crate) fn write(level: Level, line: impl FnOnce() -> String) {
    if level as i32 > MAX_LEVEL.load(Ordering::Relaxed) {
        return;
    }
    let _running = Running::start();
    let hook = HOOK.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(hook) = hook {
        hook(level, &line());
    }
}

/// Counts a running hook, also when it unwinds.
struct Running;

impl Running {
    fn start() -> Running {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        WITHIN.set(WITHIN.get() + 1);
        Running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        WITHIN.set(WITHIN.get() - 1);
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}
