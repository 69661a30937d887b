//! The client: what a program holds to call the service.

use std::fmt;
use std::time::Instant;

use serde_json::Value;

use crate::background::call_handle::{OnDone, Pending, Starter};
use crate::catalog::model::Answer;
use crate::catalog::operation::{self, Definition, Operation};
use crate::catalog::operations::ListSessions;
use crate::config::Config;
use crate::engine::Engine;
use crate::error::{Error, ErrorCode};
use crate::paging::pages::{Pages, Sessions};
use crate::support::cancel::Control;
use crate::support::secret::Wipe;
use crate::transport::ConnectionInfo;

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
pub struct Client(Engine);

impl Client {
    /// Checks the configuration. Nothing is sent, and no thread is started.
    pub fn new(config: Config) -> Result<Client, Error> {
        Engine::new(&config).map(Client)
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
        let answer = self.0.execute(definition, &request, control, began)?;
        let value: Option<Value> = serde_json::from_str(&answer).ok();
        answer.wipe();
        value.and_then(|value| O::Answer::from_answer(value, definition.expected)).ok_or_else(|| {
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
        let call = self.0.check(definition, request_json)?;
        let answer = self.0.execute_call(&call, control, began)?;
        self.0.format_output(answer, &call)
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
        done: Option<OnDone>,
    ) -> Result<(Pending, Starter), Error> {
        let began = Instant::now();
        let definition = self.find(operation)?;
        let call = self.0.check(definition, request_json)?;
        let engine = self.0.clone();
        Ok(Pending::new(self.0.thread_pool(), definition.name, call.changes_state(), done, move |control| {
            engine.format_output(engine.execute_call(&call, control, began)?, &call)
        }))
    }

    /// How the service is reached, and why so: the first thing to look at when it is not.
    pub fn connection_info(&self) -> &ConnectionInfo {
        self.0.connection_info()
    }

    /// All sessions, page by page, as JSON: the answers of `list_sessions`.
    ///
    /// The request is checked at once; nothing is sent before the first page is asked for.
    pub fn session_pages(&self, request_json: &str) -> Result<Pages, Error> {
        Pages::new(self.0.clone(), request_json)
    }

    /// All sessions that match, from first to last. Pages are fetched as they are needed.
    pub fn sessions(&self, request: &ListSessions) -> Result<Sessions, Error> {
        let request = serde_json::to_string(request)
            .map_err(|_| Error::invalid_argument("The request cannot be written as JSON."))?;
        Ok(Sessions::new(self.session_pages(&request)?))
    }

    /// The error object of an error, formatted as this client's answers are.
    pub fn error_json(&self, error: &Error) -> String {
        self.0.format_error(error)
    }

    /// The operation of this name.
    pub fn find(&self, operation: &str) -> Result<&'static Definition, Error> {
        operation::find(operation).ok_or_else(|| self.0.hide(operation::unknown(operation)))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.connection_info().base_url).finish_non_exhaustive()
    }
}
