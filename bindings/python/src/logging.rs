//! Log lines of the core as records of the logger `upscope`.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use upscope::log::{self, Level};

use crate::finalize_gate;
use crate::imports;

/// The logger's methods that are called.
struct Logger {
    is_enabled_for: Py<PyAny>,
    log: Py<PyAny>,
}

static LOGGER: PyOnceLock<Logger> = PyOnceLock::new();

/// The level that the core was last told.
static TOLD: AtomicI32 = AtomicI32::new(0);

thread_local! {
    /// What a handler raised that is no error of the handler's, such as KeyboardInterrupt.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Tells the core what the logger wants to hear now. Called before each call: a level may change at any time.
pub fn refresh(py: Python<'_>) -> PyResult<()> {
    let Some(logger) = logger(py)? else {
        return Ok(());
    };
    let wanted = wanted(py, logger)?;
    if TOLD.swap(wanted, Ordering::Relaxed) != wanted {
        // Detached: this waits for hooks that run, and they wait for the interpreter.
        finalize_gate::enter(py).detach(py, || log::set_logger(Some(Arc::new(write)), wanted));
    }
    Ok(())
}

/// None while nobody imported `logging`: then nobody can have asked for records.
fn logger(py: Python<'_>) -> PyResult<Option<&'static Logger>> {
    if let Some(logger) = LOGGER.get(py) {
        return Ok(Some(logger));
    }
    let Some(module) = imports::get(py)?.modules.bind(py).get_item("logging")? else {
        return Ok(None);
    };
    // The last thing that `logging` defines is missing while another thread imports the module.
    let Some(null_handler) = module.getattr_opt("NullHandler")? else {
        return Ok(None);
    };
    let logger = module.call_method1("getLogger", ("upscope",))?;
    // Without a handler of its own a library's warnings would go to stderr.
    logger.call_method1("addHandler", (null_handler.call0()?,))?;
    let made =
        Logger { is_enabled_for: logger.getattr("isEnabledFor")?.unbind(), log: logger.getattr("log")?.unbind() };
    // Of two threads one sets it. Setting does not let another thread in between, as initializing would: see `imports.rs`.
    let _ = LOGGER.set(py, made);
    Ok(LOGGER.get(py))
}

/// The most talkative level of the core that the logger lets through; 0 for none.
fn wanted(py: Python<'_>, logger: &Logger) -> PyResult<i32> {
    let hears = |level: Level| logger.is_enabled_for.bind(py).call1((number(level),))?.is_truthy();
    // A logger that hears a level hears those above it. In the middle first: most hear warnings and no more.
    let wanted = if hears(Level::Info)? {
        if hears(Level::Debug)? { Level::Debug } else { Level::Info }
    } else if hears(Level::Warn)? {
        Level::Warn
    } else if hears(Level::Error)? {
        Level::Error
    } else {
        return Ok(0);
    };
    Ok(wanted as i32)
}

/// The level's number in `logging`.
fn number(level: Level) -> i32 {
    match level {
        Level::Error => 40,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug | Level::Trace => 10,
    }
}

/// The hook. It runs on the calling thread, which has let go of the interpreter.
fn write(level: Level, line: &str) {
    // None while the interpreter shuts down.
    let _ = finalize_gate::attach(|py| {
        let Some(logger) = LOGGER.get(py) else {
            return;
        };
        if let Err(error) = logger.log.bind(py).call1((number(level), "%s", line)) {
            if error.is_instance_of::<PyException>(py) {
                error.write_unraisable(py, None);
            } else {
                RAISED.set(Some(error));
            }
        }
    });
}

/// Whether a handler raised something that ends the call.
pub fn has_raised() -> bool {
    RAISED.with_borrow(Option::is_some)
}

/// What a handler raised, once.
pub fn take_raised() -> Option<PyErr> {
    RAISED.take()
}
