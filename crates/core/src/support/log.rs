//! Log lines, off by default. They contain methods, paths, statuses and times, but no queries, headers or bodies.

use std::cell::Cell;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// The severity of a line. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// A call failed because of a bug in this library.
    Error = 1,
    /// An attempt failed and is retried, or a request is probably a mistake.
    Warn = 2,
    /// A client was created.
    Info = 3,
    /// An attempt ended.
    Debug = 4,
    /// An attempt started.
    Trace = 5,
}

/// Receives log lines on the thread of the call.
pub type Hook = dyn Fn(Level, &str) + Send + Sync;

static HOOK: RwLock<Option<Arc<Hook>>> = RwLock::new(None);
static MAX_LEVEL: AtomicI32 = AtomicI32::new(0);
static RUNNING_HOOKS: AtomicUsize = AtomicUsize::new(0);
static PROCESS_ID: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// The hooks that run on this thread.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Sends lines up to `max_level` to `hook`, from any thread. None turns logging off.
///
/// After this returns, the previous hook does not run any more, unless this is called from within that hook.
pub fn set_logger(hook: Option<Arc<Hook>>, max_level: i32) {
    let level = if hook.is_some() { max_level } else { 0 };
    MAX_LEVEL.store(0, Ordering::SeqCst);
    // After a fork, hooks that other threads of the parent ran do not run in the child.
    let process = std::process::id();
    if PROCESS_ID.swap(process, Ordering::SeqCst) != process {
        RUNNING_HOOKS.store(DEPTH.get(), Ordering::SeqCst);
    }
    *HOOK.write().unwrap_or_else(PoisonError::into_inner) = hook;
    // No wait within a hook: two hooks that do this at once would wait for each other.
    while DEPTH.get() == 0 && RUNNING_HOOKS.load(Ordering::SeqCst) > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    MAX_LEVEL.store(level, Ordering::SeqCst);
}

/// Sends a line to the hook, if its level is enabled.
pub(crate) fn write(level: Level, line: impl FnOnce() -> String) {
    if level as i32 > MAX_LEVEL.load(Ordering::Relaxed) {
        return;
    }
    let _running = RunningHook::start();
    let hook = HOOK.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(hook) = hook {
        hook(level, &line());
    }
}

/// Counts a running hook, even if it unwinds.
struct RunningHook;

impl RunningHook {
    fn start() -> RunningHook {
        RUNNING_HOOKS.fetch_add(1, Ordering::SeqCst);
        DEPTH.set(DEPTH.get() + 1);
        RunningHook
    }
}

impl Drop for RunningHook {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        RUNNING_HOOKS.fetch_sub(1, Ordering::SeqCst);
    }
}
