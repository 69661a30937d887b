//! The client: what a program holds to call the service.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::call::Call;
use crate::cancel::Control;
use crate::config::Config;
use crate::error::{Error, ErrorCode};
use crate::execute::{Limits, execute};
use crate::json;
use crate::log::{self, Level};
use crate::memory;
use crate::model::Answer;
use crate::operation::{self, Definition, Operation};
use crate::operations::ListSessions;
use crate::pending::{Done, Pending, Starter};
use crate::secret::Wipe;
use crate::sessions::{Pages, Sessions};
use crate::wire::{Way, Wire};
use crate::workers::Workers;

/// A client of the Upscope REST API. Cheap to clone, and usable from any number of threads at once.
///
/// ```no_run
/// use upscope::{Client, Config, operations::GetVisitor};
///
/// let client = Client::new(Config::new().api_key("secret"))?;
/// let visitor = client.get_visitor(&GetVisitor::new("1234"))?;
/// println!("{}", visitor.name.as_deref().unwrap_or("(no name)"));
/// # Ok::<(), upscope::Error>(())
/// ```
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    wire: Wire,
    limits: Limits,
    ascii_json: bool,
    workers: Workers,
}

impl Client {
    /// Checks the configuration. Nothing is sent, and no thread is started.
    pub fn new(config: Config) -> Result<Client, Error> {
        let wire = Wire::new(&config)?;
        log::write(Level::Info, || {
            let way = wire.way();
            let proxy = way.proxy.as_deref().unwrap_or("no proxy");
            format!("client for {} by {proxy}, because {}", way.base_url, way.proxy_reason)
        });
        Ok(Client(Arc::new(Shared {
            wire,
            limits: Limits {
                timeout: config.timeout,
                connect_timeout: config.connect_timeout,
                max_retries: config.max_retries,
            },
            ascii_json: config.ascii_json,
            workers: Workers::new(),
        })))
    }

    /// Calls an operation with a typed request.
    pub fn send<O: Operation>(&self, request: &O) -> Result<O::Answer, Error> {
        self.send_with(request, &Control::default())
    }

    /// Calls an operation with a typed request; `control` can end it.
    pub fn send_with<O: Operation>(&self, request: &O, control: &Control) -> Result<O::Answer, Error> {
        let began = Instant::now();
        let definition = O::DEFINITION;
        let request = serde_json::to_string(request).map_err(|_| {
            Error::invalid_argument("The request cannot be written as JSON.").in_operation(definition.name)
        })?;
        let answer = self.execute(definition, &request, control, began)?;
        let value: Option<Value> = serde_json::from_str(&answer).ok();
        answer.wipe();
        value.and_then(|value| O::Answer::from_answer(value, definition.promise)).ok_or_else(|| {
            let message = format!("{} was answered, but the answer does not fit its type.", definition.name);
            Error::new(ErrorCode::BadResponse, message).in_operation(definition.name).with_outcome(1, false, false)
        })
    }

    /// Calls the operation of this name, JSON in and JSON out: the service's bytes, unchanged unless `ascii_json`.
    pub fn call(&self, operation: &str, request_json: &str) -> Result<String, Error> {
        self.call_with(operation, request_json, &Control::default())
    }

    /// As [`call`](Client::call); `control` can end it.
    pub fn call_with(&self, operation: &str, request_json: &str, control: &Control) -> Result<String, Error> {
        let began = Instant::now();
        let definition = self.find(operation)?;
        let call = self.check(definition, request_json)?;
        let answer = self.execute_call(&call, control, began)?;
        self.spelled(answer, &call)
    }

    /// Starts the operation of this name on a thread of this client's and returns at once.
    ///
    /// `done` is told the result, at most once, on that thread. The request is checked before anything is started;
    /// the call's time begins now, also when it has to wait for a free thread.
    pub fn start(
        &self,
        operation: &str,
        request_json: &str,
        done: impl FnOnce(Result<String, Error>) + Send + 'static,
    ) -> Result<Pending, Error> {
        let (pending, starter) = self.prepare(operation, request_json, Some(Box::new(done)))?;
        starter.start()?;
        Ok(pending)
    }

    /// As [`start`](Client::start), for a caller that asks with [`Pending::wait`].
    pub fn start_polled(&self, operation: &str, request_json: &str) -> Result<Pending, Error> {
        let (pending, starter) = self.prepare(operation, request_json, None)?;
        starter.start()?;
        Ok(pending)
    }

    /// As [`start`](Client::start), in two steps: the handle first, for a `done` that needs it.
    pub fn prepare(
        &self,
        operation: &str,
        request_json: &str,
        done: Option<Done>,
    ) -> Result<(Pending, Starter), Error> {
        let began = Instant::now();
        let definition = self.find(operation)?;
        let call = self.check(definition, request_json)?;
        Ok(Pending::new(self, definition.name, call.changes_state(), done, move |client, control| {
            client.spelled(client.execute_call(&call, control, began)?, &call)
        }))
    }

    /// How the service is reached, and why so: the first thing to look at when it is not.
    pub fn way(&self) -> &Way {
        self.0.wire.way()
    }

    pub(crate) fn workers(&self) -> &Workers {
        &self.0.workers
    }

    /// All sessions, page by page, as JSON: the answers of `list_sessions`.
    ///
    /// The request is checked at once; nothing is sent before the first page is asked for.
    pub fn session_pages(&self, request_json: &str) -> Result<Pages, Error> {
        Pages::new(self.clone(), request_json)
    }

    /// All sessions that match, from first to last. Pages are fetched as they are needed.
    pub fn sessions(&self, request: &ListSessions) -> Result<Sessions, Error> {
        let request = serde_json::to_string(request)
            .map_err(|_| Error::invalid_argument("The request cannot be written as JSON."))?;
        Ok(Sessions::new(self.session_pages(&request)?))
    }

    /// The error object of an error, spelled as this client's answers are.
    pub fn error_json(&self, error: &Error) -> String {
        let text = error.to_json();
        match self.0.ascii_json {
            true => json::ascii(text).unwrap_or_else(|_| memory::error_too_long().to_json()),
            false => text,
        }
    }

    /// The operation of this name.
    pub fn find(&self, operation: &str) -> Result<&'static Definition, Error> {
        operation::find(operation).ok_or_else(|| self.0.wire.hide(operation::unknown(operation)))
    }

    /// Checks a request. The error may quote its keys, one of which may be this client's own by mistake.
    pub(crate) fn check(&self, definition: &'static Definition, request_json: &str) -> Result<Call, Error> {
        Call::prepare(definition, request_json).map_err(|error| self.0.wire.hide(error))
    }

    pub(crate) fn execute(
        &self,
        definition: &'static Definition,
        request_json: &str,
        control: &Control,
        began: Instant,
    ) -> Result<String, Error> {
        let call = self.check(definition, request_json)?;
        self.execute_call(&call, control, began)
    }

    pub(crate) fn execute_call(&self, call: &Call, control: &Control, began: Instant) -> Result<String, Error> {
        execute(call, &self.0.wire, &self.0.limits, control, began)
    }

    /// The whole time of this call.
    pub(crate) fn timeout(&self, call: &Call) -> Duration {
        call.timeout.unwrap_or(self.0.limits.timeout)
    }

    /// The answer to `call` as the configuration wants it handed out.
    pub(crate) fn spelled(&self, answer: String, call: &Call) -> Result<String, Error> {
        match self.0.ascii_json {
            true => json::ascii(answer).map_err(|_| memory::too_short(call.definition.name, call.changes_state())),
            false => Ok(answer),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.0.wire.way().base_url).finish_non_exhaustive()
    }
}
