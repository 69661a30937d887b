//! The client, with which a program calls the service.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use crate::background::call_handle::{OnDone, Pending, Starter};
use crate::call::context::CallContext;
use crate::catalog::definition::Definition;
use crate::catalog::model::Answer;
use crate::catalog::operation::Operation;
use crate::catalog::operations::ListSessions;
use crate::catalog::registry;
use crate::config::Config;
use crate::engine::Engine;
use crate::error::{Error, ErrorCode};
use crate::paging::pages::{Pages, Sessions};
use crate::support::cancel::Control;
use crate::support::secret::Wipe;
use crate::transport::ConnectionInfo;

/// A client of the Upscope REST API. It is cheap to clone, and any number of threads can use it at once.
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
    /// Creates a client. Validates the configuration, but sends nothing and starts no thread.
    pub fn new(config: Config) -> Result<Client, Error> {
        Engine::new(&config).map(Client)
    }

    /// Calls an operation with a typed request.
    pub fn send<O: Operation>(&self, request: &O) -> Result<O::Answer, Error> {
        self.send_with(request, &Control::default())
    }

    /// Calls an operation with a typed request; `control` can cancel it.
    pub fn send_with<O: Operation>(&self, request: &O, control: &Control) -> Result<O::Answer, Error> {
        let started = Instant::now();
        let definition = O::DEFINITION;
        let request = serde_json::to_string(request).map_err(|_| {
            Error::invalid_argument("The request cannot be written as JSON.").in_operation(definition.name)
        })?;
        let response = self.0.execute(definition, &request, control, started)?;
        let value: Option<Value> = serde_json::from_str(&response).ok();
        response.wipe();
        value.and_then(|value| O::Answer::from_answer(value, definition.expected)).ok_or_else(|| {
            let message = format!("{} was answered, but the answer does not fit its type.", definition.name);
            Error::new(ErrorCode::BadResponse, message).in_operation(definition.name).with_outcome(1, false, false)
        })
    }

    /// Calls an operation by name. Returns the JSON of the service, unchanged unless `ascii_json` is set.
    pub fn call(&self, operation: &str, request_json: &str) -> Result<String, Error> {
        self.call_with(operation, request_json, &Control::default())
    }

    /// Like [`call`](Client::call); `control` can cancel it.
    pub fn call_with(&self, operation: &str, request_json: &str, control: &Control) -> Result<String, Error> {
        let started = Instant::now();
        let definition = self.find(operation)?;
        let call = self.0.build_call(definition, request_json)?;
        let response = self.0.execute_call(&call, control, started)?;
        self.0.format_output(response, &call)
    }

    /// Starts a call on a thread of this client and returns at once.
    ///
    /// That thread calls `done` with the result, at most once. The request is validated first. The timeout of the call
    /// starts now, even if the call has to wait for a free thread.
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

    /// Like [`start`](Client::start), for callers that use [`Pending::wait`] instead of a callback.
    pub fn start_polled(&self, operation: &str, request_json: &str) -> Result<Pending, Error> {
        let (pending, starter) = self.prepare(operation, request_json, None)?;
        starter.start()?;
        Ok(pending)
    }

    /// Like [`start`](Client::start), in two steps, for a callback that needs the handle.
    pub fn prepare(
        &self,
        operation: &str,
        request_json: &str,
        done: Option<OnDone>,
    ) -> Result<(Pending, Starter), Error> {
        let started = Instant::now();
        let definition = self.find(operation)?;
        let call = self.0.build_call(definition, request_json)?;
        let engine = self.0.clone();
        Ok(Pending::new(self.0.thread_pool(), definition.name, call.changes_state(), done, move |control| {
            engine.format_output(engine.execute_call(&call, control, started)?, &call)
        }))
    }

    /// The base URL, the proxy and the root certificates in effect, with reasons: look here first if calls fail.
    pub fn connection_info(&self) -> &ConnectionInfo {
        self.0.connection_info()
    }

    /// The same client, with a context for its calls. It shares the connections and the threads.
    #[doc(hidden)]
    pub fn with_context(&self, context: Arc<dyn CallContext>) -> Client {
        Client(self.0.with_context(context))
    }

    /// All sessions as pages of JSON: the responses of `list_sessions`.
    ///
    /// Validates the request, but sends nothing before the first page is requested.
    pub fn session_pages(&self, request_json: &str) -> Result<Pages, Error> {
        Pages::new(self.0.clone(), request_json)
    }

    /// All matching sessions, from first to last. Pages are fetched as needed.
    pub fn sessions(&self, request: &ListSessions) -> Result<Sessions, Error> {
        let request = serde_json::to_string(request)
            .map_err(|_| Error::invalid_argument("The request cannot be written as JSON."))?;
        Ok(Sessions::new(self.session_pages(&request)?))
    }

    /// The error object of an error, in ASCII if `ascii_json` is set.
    pub fn error_json(&self, error: &Error) -> String {
        self.0.format_error(error)
    }

    /// The definition of an operation.
    pub fn find(&self, operation: &str) -> Result<&'static Definition, Error> {
        registry::find(operation).ok_or_else(|| self.0.redact_error(registry::unknown_operation(operation)))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.connection_info().base_url).finish_non_exhaustive()
    }
}
