//! Runs a blocking call without the interpreter, so that other threads go on and Ctrl-C gets through.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pyo3::prelude::*;
use upscope::catch_panic;
use upscope::{CancelToken, Control, Error};

use crate::exceptions;
use crate::finalize_gate;
use crate::imports;
use crate::logging;

thread_local! {
    /// Whether this is the thread in which Python runs signal handlers, and the process for which that was found out.
    static HANDLES_SIGNALS: Cell<Option<(u32, bool)>> = const { Cell::new(None) };
}

/// Runs `call`, detached. What a signal handler raised meanwhile comes before what the call gives.
pub fn run<T: Send>(
    py: Python<'_>,
    cancel: Option<CancelToken>,
    call: impl FnOnce(&Control) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let inside = finalize_gate::enter(py);
    logging::refresh(py)?;
    let watches = handles_signals(py)?;
    let (result, raised) = inside.detach(py, || {
        let raised = Rc::new(RefCell::new(None));
        let mut control = cancel.as_ref().map(Control::cancelled_by).unwrap_or_default();
        control.interrupted = watches.then(|| interrupted(&raised));
        let result = catch_panic(|| call(&control)).and_then(|result| result);
        (result, raised.take())
    });
    if let Some(raised) = raised.or_else(logging::take_raised) {
        return Err(raised);
    }
    result.map_err(|error| exceptions::exception(py, &error))
}

/// Runs the handlers of signals that came. True when one raised, which is what Ctrl-C does.
fn interrupted(raised: &Rc<RefCell<Option<PyErr>>>) -> Rc<dyn Fn() -> bool> {
    let raised = raised.clone();
    Rc::new(move || {
        if raised.borrow().is_some() || logging::has_raised() {
            return true;
        }
        // None while the interpreter shuts down.
        let outcome = finalize_gate::attach(|py| py.check_signals()).unwrap_or(Ok(()));
        match outcome {
            Ok(()) => false,
            Err(error) => {
                *raised.borrow_mut() = Some(error);
                true
            }
        }
    })
}

/// Python runs signal handlers in its main thread alone; after a fork that is the thread that forked.
fn handles_signals(py: Python<'_>) -> PyResult<bool> {
    let process = std::process::id();
    if let Some((known, handles)) = HANDLES_SIGNALS.get()
        && known == process
    {
        return Ok(handles);
    }
    let handles = match imports::get(py)?.modules.bind(py).get_item("threading")? {
        // Without the module there is no second thread, or one that does no harm by asking.
        None => true,
        Some(threading) => {
            let main = threading.call_method0("main_thread")?.getattr("ident")?;
            threading.call_method0("get_ident")?.eq(main)?
        }
    };
    HANDLES_SIGNALS.set(Some((process, handles)));
    Ok(handles)
}
