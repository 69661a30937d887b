//! Runs a blocking call detached from the interpreter, so that other threads run and Ctrl-C interrupts the call.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pyo3::prelude::*;
use upscope::catch_panic;
use upscope::{Control, Error};

use crate::exceptions;
use crate::finalize_gate;
use crate::imports;
use crate::logging;

thread_local! {
    /// Whether Python runs signal handlers in this thread, and the process in which that was determined.
    static HANDLES_SIGNALS: Cell<Option<(u32, bool)>> = const { Cell::new(None) };
    /// Whether `run` runs a call on this thread.
    static IS_CALLING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `call` detached. An exception that a signal handler or a log handler raises takes precedence over the result.
pub fn run<T: Send>(py: Python<'_>, call: impl FnOnce(&Control) -> Result<T, Error> + Send) -> PyResult<T> {
    let entry = finalize_gate::enter(py);
    let checks_signals = handles_signals(py)?;
    let (result, exception) = entry.detach(py, || {
        let exception = Rc::new(RefCell::new(None));
        let control = Control { interrupted: checks_signals.then(|| check_signals(&exception)), ..Control::default() };
        let was_calling = IS_CALLING.replace(true);
        let result = catch_panic(|| call(&control)).and_then(|result| result);
        IS_CALLING.set(was_calling);
        (result, exception.take())
    });
    if let Some(exception) = exception.or_else(logging::take_handler_exception) {
        return Err(exception);
    }
    result.map_err(|error| exceptions::from_error(py, &error))
}

/// Whether this thread made the call that it runs. A thread of the client did not.
pub fn is_calling_thread() -> bool {
    IS_CALLING.get()
}

/// Runs pending signal handlers. Returns true, which ends the call, when one raises, as the handler of Ctrl-C does.
fn check_signals(exception: &Rc<RefCell<Option<PyErr>>>) -> Rc<dyn Fn() -> bool> {
    let exception = exception.clone();
    Rc::new(move || {
        if exception.borrow().is_some() || logging::has_handler_exception() {
            return true;
        }
        // `attach` returns None while the interpreter shuts down.
        let outcome = finalize_gate::attach(|py| py.check_signals()).unwrap_or(Ok(()));
        match outcome {
            Ok(()) => false,
            Err(error) => {
                *exception.borrow_mut() = Some(error);
                true
            }
        }
    })
}

/// Python runs signal handlers only in its main thread. After a fork that is the thread that forked.
fn handles_signals(py: Python<'_>) -> PyResult<bool> {
    let process = std::process::id();
    if let Some((known_process, handles)) = HANDLES_SIGNALS.get()
        && known_process == process
    {
        return Ok(handles);
    }
    let handles = match imports::get(py)?.modules.bind(py).get_item("threading")? {
        // Without the module there is one thread, or others that may check for signals in vain.
        None => true,
        Some(threading) => {
            let main = threading.call_method0("main_thread")?.getattr("ident")?;
            threading.call_method0("get_ident")?.eq(main)?
        }
    };
    HANDLES_SIGNALS.set(Some((process, handles)));
    Ok(handles)
}
