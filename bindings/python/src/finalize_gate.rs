//! Keeps threads out of the interpreter once it finalizes.
//!
//! Before 3.14, CPython ends every thread that asks for the GIL during finalization with `pthread_exit`. That unwinds the
//! thread's stack, and a Rust frame on that stack aborts the process. So a thread is counted for as long as it is
//! attached, or wants to be, with Rust frames on its stack. After the last exit function the gate closes and the count
//! is waited for. From then on only the finalizing thread may enter.
//!
//! The state is one atomic number: no lock that another thread could hold during `fork()`.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// How long the exit waits for threads that run Python code of the caller's, such as a log handler.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// How often the exit looks whether they have left.
const DRAIN_SLICE: Duration = Duration::from_micros(100);

const CLOSED: usize = 1;
const ONE_THREAD: usize = 2;

/// `CLOSED`, and the number of threads inside times `ONE_THREAD`.
static STATE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// How many `Inside` this thread has; it is counted once.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static FINALIZES: Cell<bool> = const { Cell::new(false) };
}

/// The calling thread is counted until this is dropped.
pub struct Inside {
    not_send: PhantomData<*const ()>,
}

/// Enters from Python. If the gate is closed for this thread it is parked for ever, as CPython 3.14 does with a thread
/// that asks for the GIL during finalization.
pub fn enter(py: Python<'_>) -> Inside {
    if DEPTH.get() == 0 && !count_this_thread() {
        py.detach(park_until_counted);
    }
    Inside::counted()
}

/// Attaches a thread that is detached, or was never attached. None once the gate is closed for it.
pub fn attach<T>(body: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    if DEPTH.get() == 0 && !count_this_thread() {
        return None;
    }
    let _inside = Inside::counted();
    Python::try_attach(body)
}

/// Whether other threads than the finalizing one are kept out.
pub fn is_closed() -> bool {
    STATE.load(Ordering::SeqCst) & CLOSED != 0
}

impl Inside {
    fn counted() -> Inside {
        DEPTH.set(DEPTH.get() + 1);
        Inside { not_send: PhantomData }
    }

    /// Runs `body` detached from the interpreter. If the gate was closed for this
    /// thread meanwhile it is parked for ever.
    pub fn detach<T: Send>(&self, py: Python<'_>, body: impl FnOnce() -> T + Send) -> T {
        py.detach(|| {
            let _outside = Outside::new();
            body()
        })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 {
            STATE.fetch_sub(ONE_THREAD, Ordering::SeqCst);
        }
    }
}

/// A thread that was inside is not, until this is dropped.
struct Outside {
    depth: usize,
}

impl Outside {
    fn new() -> Outside {
        STATE.fetch_sub(ONE_THREAD, Ordering::SeqCst);
        Outside { depth: DEPTH.replace(0) }
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        park_until_counted();
        DEPTH.set(self.depth);
    }
}

/// False if the gate is closed for this thread.
fn count_this_thread() -> bool {
    let finalizes = FINALIZES.get();
    let count = |state: usize| (state & CLOSED == 0 || finalizes).then_some(state + ONE_THREAD);
    STATE.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count).is_ok()
}

/// Returns at once while the gate is open for this thread, and never once it is closed.
fn park_until_counted() {
    while !count_this_thread() {
        thread::park();
    }
}

/// Closes the gate for all threads but this one, and waits for those inside.
fn close(py: Python<'_>) {
    FINALIZES.set(true);
    STATE.fetch_or(CLOSED, Ordering::SeqCst);
    let own = if DEPTH.get() > 0 { ONE_THREAD } else { 0 };
    let end = Instant::now() + DRAIN_LIMIT;
    py.detach(|| {
        while STATE.load(Ordering::SeqCst) - CLOSED > own && Instant::now() < end {
            thread::sleep(DRAIN_SLICE);
        }
    });
}

/// Opens the gate in a forked child, which has no thread but this one.
#[pyfunction]
fn open_after_fork() {
    FINALIZES.set(false);
    STATE.store(if DEPTH.get() > 0 { ONE_THREAD } else { 0 }, Ordering::SeqCst);
}

/// Closes the gate after the last exit function.
///
/// Only `atexit` refers to it. `atexit` calls it in its turn, and lets go of it once every exit function has run:
/// a thread that uses a client can be joined in any of them, whichever was registered first.
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
        // Otherwise the exit functions were cleared without being called, and the program goes on.
        if self.called.load(Ordering::Relaxed) {
            Python::try_attach(close);
        }
    }
}

/// Arranges for the gate to close at exit, and to be open in forked children.
pub fn install(py: Python<'_>) -> PyResult<()> {
    py.import("atexit")?.call_method1("register", (ExitHook { called: AtomicBool::new(false) },))?;
    let os = py.import("os")?;
    if let Some(register) = os.getattr_opt("register_at_fork")? {
        let arguments = PyDict::new(py);
        arguments.set_item("after_in_child", wrap_pyfunction!(open_after_fork, py)?)?;
        register.call((), Some(&arguments))?;
    }
    Ok(())
}
