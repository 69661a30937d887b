//! What this package adds to a call: headers, an observer of its attempts, and the context in which log handlers run.

use std::cell::RefCell;
use std::sync::Arc;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use pyo3::{PyTraverseError, PyVisit};
use upscope::{CallContext, EndedAttempt, ExtraHeaders, RequestHeaders, Secret};

use crate::attempt::Attempt;
use crate::detach;
use crate::exceptions;
use crate::finalize_gate;
use crate::imports;
use crate::logging;

/// The settings `on_attempt` and `default_headers` of a client.
pub struct Instrumentation {
    /// Raises no `Exception`: the class in `_observer.py` logs them.
    on_attempt: Option<Py<PyAny>>,
    headers: DefaultHeaders,
    /// The context of blocking calls if there are no such settings.
    log_only: Arc<PythonContext>,
}

enum DefaultHeaders {
    None,
    Fixed(Arc<ExtraHeaders>),
    /// Returns a mapping.
    Callable(Py<PyAny>),
}

/// How an attempt that ends on a thread of the client reaches the observer.
pub enum Delivery {
    /// The attempts of this call end on the calling thread.
    Direct,
    /// Through this `call_soon_threadsafe` of an event loop.
    EventLoop(Py<PyAny>),
    /// Through this list. The calling thread passes its elements on.
    Queue(Py<PyList>),
}

impl Instrumentation {
    pub fn new(
        py: Python<'_>,
        on_attempt: Option<Py<PyAny>>,
        headers: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Instrumentation> {
        let headers = match headers {
            None => DefaultHeaders::None,
            Some(headers) if headers.is_instance(imports::get(py)?.mapping.bind(py))? => {
                DefaultHeaders::Fixed(read_headers(headers)?)
            }
            Some(callable) if callable.is_callable() => DefaultHeaders::Callable(callable.clone().unbind()),
            Some(other) => {
                return Err(not_a_mapping(other, "must be a mapping or a callable that returns one, but is"));
            }
        };
        let log_only = Arc::new(PythonContext { headers: None, objects: None });
        Ok(Instrumentation { on_attempt, headers, log_only })
    }

    pub fn clone_ref(&self, py: Python<'_>) -> Instrumentation {
        let headers = match &self.headers {
            DefaultHeaders::None => DefaultHeaders::None,
            DefaultHeaders::Fixed(headers) => DefaultHeaders::Fixed(headers.clone()),
            DefaultHeaders::Callable(callable) => DefaultHeaders::Callable(callable.clone_ref(py)),
        };
        Instrumentation { on_attempt: self.on_attempt(py), headers, log_only: self.log_only.clone() }
    }

    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.on_attempt)?;
        match &self.headers {
            DefaultHeaders::Callable(callable) => visit.call(callable),
            _ => Ok(()),
        }
    }

    /// The context of a call that runs on the calling thread. None if it would do nothing. Sets the level of the log.
    pub fn blocking_context(&self, py: Python<'_>) -> PyResult<Option<Arc<PythonContext>>> {
        logging::update_level(py)?;
        if !self.is_off() {
            return self.context(py, Delivery::Direct, None).map(Some);
        }
        // Only for the attributes of records.
        Ok(logging::is_on().then(|| self.log_only.clone()))
    }

    /// The context of a call that may run on a thread of the client. None if it would do nothing. Sets the level of the log.
    pub fn background_context(&self, py: Python<'_>, delivery: Delivery) -> PyResult<Option<Arc<PythonContext>>> {
        logging::update_level(py)?;
        if self.is_off() && !logging::is_on() {
            return Ok(None);
        }
        self.context(py, delivery, copy_of_current_context(py)?).map(Some)
    }

    fn is_off(&self) -> bool {
        self.on_attempt.is_none() && matches!(self.headers, DefaultHeaders::None)
    }

    fn context(&self, py: Python<'_>, delivery: Delivery, current: Option<Py<PyAny>>) -> PyResult<Arc<PythonContext>> {
        let headers = match &self.headers {
            DefaultHeaders::None => None,
            DefaultHeaders::Fixed(headers) => Some(headers.clone()),
            DefaultHeaders::Callable(callable) => Some(read_headers(&callable.bind(py).call0()?)?),
        };
        let objects = Objects { on_attempt: self.on_attempt(py), delivery, current };
        Ok(Arc::new(PythonContext { headers, objects: Some(objects) }))
    }

    fn on_attempt(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.on_attempt.as_ref().map(|on_attempt| on_attempt.clone_ref(py))
    }

    /// Passes the attempts in the list of a [`Delivery::Queue`] to the observer.
    pub fn deliver(&self, queue: &Bound<'_, PyList>) -> PyResult<()> {
        let Some(on_attempt) = &self.on_attempt else {
            return Ok(());
        };
        while !queue.is_empty() {
            let attempt = queue.call_method1("pop", (0,))?;
            on_attempt.bind(queue.py()).call1((attempt,))?;
        }
        Ok(())
    }
}

/// A copy of the caller's `contextvars.Context`. None if no module has imported the module that creates contexts: the caller
/// then has no context variables.
fn copy_of_current_context(py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
    // Where `contextvars` takes its functions from.
    let module = imports::get(py)?.modules.bind(py).get_item("_contextvars")?;
    module.map(|module| module.call_method0("copy_context").map(Bound::unbind)).transpose()
}

fn not_a_mapping(value: &Bound<'_, PyAny>, problem: &str) -> PyErr {
    let class = value.get_type().name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    exceptions::invalid_argument(value.py(), None, format!("default_headers {problem} {class}."), None)
}

/// Validates a mapping of header names to values.
fn read_headers(mapping: &Bound<'_, PyAny>) -> PyResult<Arc<ExtraHeaders>> {
    const MAX_NAME: usize = 60;
    let py = mapping.py();
    if !mapping.is_instance(imports::get(py)?.mapping.bind(py))? {
        return Err(not_a_mapping(mapping, "must return a mapping of header names to values, but returned"));
    }
    let dict = PyDict::new(py);
    dict.call_method1("update", (mapping,))?;
    let mut headers = Vec::with_capacity(dict.len());
    for (name, value) in dict.iter() {
        let Ok(name) = name.cast_into::<PyString>() else {
            return Err(not_a_mapping(&dict, "has a name that is not a string, in a"));
        };
        let name = name.to_string_lossy().into_owned();
        let Ok(value) = value.extract::<String>() else {
            let name: String = name.escape_debug().take(MAX_NAME).collect();
            return Err(not_a_mapping(&value, &format!("must have strings as values, but that of \"{name}\" is")));
        };
        headers.push((name, Secret::new(value)));
    }
    ExtraHeaders::new("default_headers", &headers).map(Arc::new).map_err(|error| exceptions::from_error(py, &error))
}

/// The context of one call.
pub struct PythonContext {
    headers: Option<Arc<ExtraHeaders>>,
    /// None if there is no observer and no event loop, and while this is dropped.
    objects: Option<Objects>,
}

struct Objects {
    on_attempt: Option<Py<PyAny>>,
    delivery: Delivery,
    /// A copy of the caller's `contextvars.Context`.
    current: Option<Py<PyAny>>,
}

thread_local! {
    /// The context of the call that runs on this thread of the client.
    static RUNNING: RefCell<Option<Arc<PythonContext>>> = const { RefCell::new(None) };
    /// The attempt that the next line of the log is about.
    static ATTEMPT_OF_LINE: RefCell<Option<Attempt>> = const { RefCell::new(None) };
}

/// Takes the attempt that a line of the log is about.
pub fn take_attempt_of_line() -> Option<Attempt> {
    ATTEMPT_OF_LINE.take()
}

/// A copy of the `contextvars.Context` in which log handlers run. None on the calling thread, which is in its own.
pub fn log_context(py: Python<'_>) -> PyResult<Option<Bound<'_, PyAny>>> {
    if detach::is_calling_thread() {
        return Ok(None);
    }
    let running = RUNNING.with_borrow(Clone::clone);
    let current = running.as_ref().and_then(|context| context.objects.as_ref()?.current.as_ref());
    // A copy, because a context that is entered cannot be entered again.
    current.map(|current| current.bind(py).call_method0("copy")).transpose()
}

impl CallContext for PythonContext {
    fn add_headers(&self, mut headers: RequestHeaders<'_>) {
        if let Some(extra) = &self.headers {
            headers.add(extra);
        }
    }

    fn before_line(&self, attempt: &EndedAttempt<'_>) {
        ATTEMPT_OF_LINE.set(Some(Attempt::without_error(attempt)));
    }

    fn enter(self: Arc<Self>) {
        if !detach::is_calling_thread() {
            RUNNING.set(Some(self));
        }
    }

    fn leave(&self) {
        if !detach::is_calling_thread() {
            RUNNING.take();
        }
    }

    fn attempt_ended(&self, attempt: &EndedAttempt<'_>) {
        let Some(objects) = self.objects.as_ref() else {
            return;
        };
        let Some(on_attempt) = &objects.on_attempt else {
            return;
        };
        // `attach` returns None while the interpreter shuts down.
        let _ = finalize_gate::attach(|py| {
            if let Err(error) = deliver(py, on_attempt, objects, attempt) {
                if detach::is_calling_thread() {
                    logging::set_handler_exception(error);
                } else if !error.is_instance_of::<PyRuntimeError>(py) {
                    // A loop that was closed raises RuntimeError. Anything else is a bug.
                    error.write_unraisable(py, None);
                }
            }
        });
    }
}

fn deliver(py: Python<'_>, on_attempt: &Py<PyAny>, objects: &Objects, attempt: &EndedAttempt<'_>) -> PyResult<()> {
    let attempt = Bound::new(py, Attempt::new(py, attempt))?;
    match &objects.delivery {
        Delivery::EventLoop(call_soon) if !detach::is_calling_thread() => {
            let arguments = PyDict::new(py);
            arguments.set_item("context", &objects.current)?;
            call_soon.bind(py).call((on_attempt, attempt), Some(&arguments))?;
        }
        Delivery::Queue(queue) if !detach::is_calling_thread() => queue.bind(py).append(attempt)?,
        _ => {
            on_attempt.bind(py).call1((attempt,))?;
        }
    }
    Ok(())
}

impl Drop for PythonContext {
    fn drop(&mut self) {
        if self.objects.is_none() {
            return;
        }
        // Dropped attached. Otherwise pyo3 keeps them in a list, and this thread may hold the lock of that list during a
        // `fork()`. While the interpreter shuts down, they are leaked.
        let mut objects = self.objects.take();
        if finalize_gate::attach(|_| drop(objects.take())).is_none() {
            std::mem::forget(objects);
        }
    }
}
