//! Log lines of the core as records of the logger `upscope`.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use upscope::log::{self, Level};

use crate::attempt::Attempt;
use crate::call_context;
use crate::finalize_gate;
use crate::imports;

/// The logger's methods that are called.
struct Logger {
    is_enabled_for: Py<PyAny>,
    log: Py<PyAny>,
}

static LOGGER: PyOnceLock<Logger> = PyOnceLock::new();

/// The level that the core was last set to.
static CORE_LEVEL: AtomicI32 = AtomicI32::new(0);

/// A value of `CORE_LEVEL` that equals no level.
const UNKNOWN_LEVEL: i32 = -1;

thread_local! {
    /// What a log handler raised that is not an `Exception`, such as KeyboardInterrupt.
    static HANDLER_EXCEPTION: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Sets the core's level to the logger's. Called before each call, because a level may change at any time.
pub fn update_level(py: Python<'_>) -> PyResult<()> {
    let Some(logger) = logger(py)? else {
        return Ok(());
    };
    let level = enabled_level(py, logger)?;
    if CORE_LEVEL.swap(level, Ordering::Relaxed) != level {
        // Detached, because this waits for running hooks, and they wait for the interpreter.
        finalize_gate::enter(py).detach(py, || log::set_logger(Some(Arc::new(write)), level));
    }
    Ok(())
}

/// Makes the next call in a forked child set the core's level: during the fork another thread may have been setting it.
pub fn reset_after_fork() {
    CORE_LEVEL.store(UNKNOWN_LEVEL, Ordering::Relaxed);
}

/// None until something imports `logging`: before that, nobody can have enabled a level.
fn logger(py: Python<'_>) -> PyResult<Option<&'static Logger>> {
    if let Some(logger) = LOGGER.get(py) {
        return Ok(Some(logger));
    }
    let Some(module) = imports::get(py)?.modules.bind(py).get_item("logging")? else {
        return Ok(None);
    };
    // `NullHandler` is the last thing that `logging` defines. It is missing while another thread imports the module.
    let Some(null_handler) = module.getattr_opt("NullHandler")? else {
        return Ok(None);
    };
    let logger = module.call_method1("getLogger", ("upscope",))?;
    // Without a handler, `logging` would print a library's warnings to stderr.
    logger.call_method1("addHandler", (null_handler.call0()?,))?;
    let logger =
        Logger { is_enabled_for: logger.getattr("isEnabledFor")?.unbind(), log: logger.getattr("log")?.unbind() };
    // The first of several threads sets it. Unlike `get_or_init`, `set` does not switch threads: see `imports.rs`.
    let _ = LOGGER.set(py, logger);
    Ok(LOGGER.get(py))
}

/// The most verbose level of the core that the logger is enabled for; 0 for none.
fn enabled_level(py: Python<'_>, logger: &Logger) -> PyResult<i32> {
    let is_enabled = |level: Level| logger.is_enabled_for.bind(py).call1((python_level(level),))?.is_truthy();
    // A logger that is enabled for a level is enabled for the more severe ones. Most are enabled for warnings.
    let level = if is_enabled(Level::Info)? {
        if is_enabled(Level::Debug)? { Level::Debug } else { Level::Info }
    } else if is_enabled(Level::Warn)? {
        Level::Warn
    } else if is_enabled(Level::Error)? {
        Level::Error
    } else {
        return Ok(0);
    };
    Ok(level as i32)
}

/// The level's number in `logging`.
fn python_level(level: Level) -> i32 {
    match level {
        Level::Error => 40,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug | Level::Trace => 10,
    }
}

/// The hook. It runs on the calling thread, which is detached from the interpreter.
fn write(level: Level, line: &str) {
    let attempt = call_context::take_attempt_of_line();
    // `attach` returns None while the interpreter shuts down.
    let _ = finalize_gate::attach(|py| {
        let Some(logger) = LOGGER.get(py) else {
            return;
        };
        if let Err(error) = write_record(py, logger, level, line, attempt.as_ref()) {
            if error.is_instance_of::<PyException>(py) {
                error.write_unraisable(py, None);
            } else {
                HANDLER_EXCEPTION.set(Some(error));
            }
        }
    });
}

/// Writes a record, with the attempt that it is about as attributes, in the context of the caller.
fn write_record(py: Python<'_>, logger: &Logger, level: Level, line: &str, attempt: Option<&Attempt>) -> PyResult<()> {
    let keywords = PyDict::new(py);
    keywords.set_item("extra", Attempt::record_attributes(py, attempt)?)?;
    let log = logger.log.bind(py);
    match call_context::log_context(py)? {
        None => log.call((python_level(level), "%s", line), Some(&keywords))?,
        Some(context) => context.call_method("run", (log, python_level(level), "%s", line), Some(&keywords))?,
    };
    Ok(())
}

/// Whether the core writes any lines.
pub fn is_on() -> bool {
    CORE_LEVEL.load(Ordering::Relaxed) > 0
}

/// Sets the exception that ends the call on this thread.
pub fn set_handler_exception(error: PyErr) {
    HANDLER_EXCEPTION.set(Some(error));
}

/// Whether a log handler raised an exception that ends the call.
pub fn has_handler_exception() -> bool {
    HANDLER_EXCEPTION.with_borrow(Option::is_some)
}

/// Takes the exception that a log handler raised.
pub fn take_handler_exception() -> Option<PyErr> {
    HANDLER_EXCEPTION.take()
}
