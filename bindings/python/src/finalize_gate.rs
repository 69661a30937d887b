//! Keeps threads out of the interpreter while it finalizes.
//!
//! Before 3.14, CPython ends every thread that asks for the GIL during finalization with `pthread_exit`. That unwinds the
//! thread's stack, and a Rust frame on that stack aborts the process. The gate therefore counts a thread for as long as
//! it has Rust frames on its stack and is attached to the interpreter or about to attach. After the last exit function
//! the gate closes, and the exit waits until no thread is counted. From then on only the finalizing thread may enter.
//!
//! The state is one atomic number, so that no other thread can hold a lock during `fork()`.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::logging;

/// How long the exit waits for threads that run the caller's Python code, such as a log handler.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// How often the exit checks the count.
const DRAIN_INTERVAL: Duration = Duration::from_micros(100);

const CLOSED: usize = 1;
const ONE_THREAD: usize = 2;

/// `CLOSED`, plus `ONE_THREAD` for each counted thread.
static STATE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// How many entry guards this thread holds. It is counted once.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static IS_FINALIZING: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the thread that created it counted until it is dropped.
pub struct EntryGuard {
    not_send: PhantomData<*const ()>,
}

/// Enters from Python. If the gate is closed for this thread, it is parked and never runs again, as CPython 3.14 does
/// with a thread that asks for the GIL during finalization.
pub fn enter(py: Python<'_>) -> EntryGuard {
    if DEPTH.get() == 0 && !count_this_thread() {
        py.detach(park_until_counted);
    }
    EntryGuard::new()
}

/// Attaches a thread that is detached or was never attached. Returns None if the gate is closed for it.
pub fn attach<T>(body: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    if DEPTH.get() == 0 && !count_this_thread() {
        return None;
    }
    let _entry = EntryGuard::new();
    Python::try_attach(body)
}

/// Whether only the finalizing thread may enter.
pub fn is_closed() -> bool {
    STATE.load(Ordering::SeqCst) & CLOSED != 0
}

impl EntryGuard {
    fn new() -> EntryGuard {
        DEPTH.set(DEPTH.get() + 1);
        EntryGuard { not_send: PhantomData }
    }

    /// Runs `body` detached from the interpreter. If the gate is closed for this thread afterwards, it is parked and
    /// never runs again.
    pub fn detach<T: Send>(&self, py: Python<'_>, body: impl FnOnce() -> T + Send) -> T {
        py.detach(|| {
            let _detached = DetachGuard::new();
            body()
        })
    }
}

impl Drop for EntryGuard {
    fn drop(&mut self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 {
            STATE.fetch_sub(ONE_THREAD, Ordering::SeqCst);
        }
    }
}

/// Keeps the thread that created it out of the count until it is dropped.
struct DetachGuard {
    depth: usize,
}

impl DetachGuard {
    fn new() -> DetachGuard {
        STATE.fetch_sub(ONE_THREAD, Ordering::SeqCst);
        DetachGuard { depth: DEPTH.replace(0) }
    }
}

impl Drop for DetachGuard {
    fn drop(&mut self) {
        park_until_counted();
        DEPTH.set(self.depth);
    }
}

/// Counts this thread. Returns false if the gate is closed for it.
fn count_this_thread() -> bool {
    let is_finalizing = IS_FINALIZING.get();
    let count = |state: usize| (state & CLOSED == 0 || is_finalizing).then_some(state + ONE_THREAD);
    STATE.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count).is_ok()
}

/// Returns at once while the gate is open for this thread, and never once it is closed.
fn park_until_counted() {
    while !count_this_thread() {
        thread::park();
    }
}

/// Closes the gate for all other threads, and waits for those that are counted.
fn close(py: Python<'_>) {
    IS_FINALIZING.set(true);
    STATE.fetch_or(CLOSED, Ordering::SeqCst);
    let own = if DEPTH.get() > 0 { ONE_THREAD } else { 0 };
    let deadline = Instant::now() + DRAIN_LIMIT;
    py.detach(|| {
        while STATE.load(Ordering::SeqCst) - CLOSED > own && Instant::now() < deadline {
            thread::sleep(DRAIN_INTERVAL);
        }
    });
}

/// Opens the gate in a forked child, which has only this thread.
#[pyfunction]
fn after_fork_in_child() {
    logging::reset_after_fork();
    IS_FINALIZING.set(false);
    STATE.store(if DEPTH.get() > 0 { ONE_THREAD } else { 0 }, Ordering::SeqCst);
}

/// Closes the gate after the last exit function.
///
/// `atexit` holds the only reference. It calls this hook like any exit function, and drops it after the last one: any
/// exit function, in whatever order they were registered, can join a thread that uses a client.
#[pyclass(frozen, module = "upscope._upscope")]
struct ExitHook {
    called: AtomicBool,
}

#[pymethods]
impl ExitHook {
    fn __call__(&self) {
        self.called.store(true, Ordering::Relaxed);
    }
}

impl Drop for ExitHook {
    fn drop(&mut self) {
        // If it was not called, the exit functions were cleared without an exit.
        if self.called.load(Ordering::Relaxed) {
            Python::try_attach(close);
        }
    }
}

/// Registers the functions that close the gate at exit and open it in forked children.
pub fn install(py: Python<'_>) -> PyResult<()> {
    py.import("atexit")?.call_method1("register", (ExitHook { called: AtomicBool::new(false) },))?;
    let os = py.import("os")?;
    if let Some(register) = os.getattr_opt("register_at_fork")? {
        let arguments = PyDict::new(py);
        arguments.set_item("after_in_child", wrap_pyfunction!(after_fork_in_child, py)?)?;
        register.call((), Some(&arguments))?;
    }
    Ok(())
}
