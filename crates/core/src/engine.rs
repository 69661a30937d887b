//! What the calls of a client need. The client, its started calls and its page iterators share it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::background::thread_pool::ThreadPool;
use crate::call::context::CallContext;
use crate::call::response;
use crate::call::run::{Limits, execute};
use crate::catalog::definition::Definition;
use crate::catalog::expected_shape::ExpectedShape;
use crate::config::Config;
use crate::error::Error;
use crate::json;
use crate::request::build::Call;
use crate::support::call_control::{CallControl, ClientState};
use crate::support::cancel::Control;
use crate::support::log::{self, Level};
use crate::support::memory;
use crate::support::secret::WipedBytes;
use crate::transport::{ConnectionInfo, HttpTransport};

/// The shared state of a client. Clones refer to the same state.
#[derive(Clone)]
pub(crate) struct Engine {
    shared: Arc<Shared>,
    /// What a language binding adds to the calls.
    context: Option<Arc<dyn CallContext>>,
}

struct Shared {
    transport: HttpTransport,
    limits: Limits,
    ascii_json: bool,
    thread_pool: Arc<ThreadPool>,
    state: Arc<ClientState>,
}

impl Engine {
    /// Validates the configuration. Sends nothing and starts no thread.
    pub(crate) fn new(config: &Config) -> Result<Engine, Error> {
        let transport = HttpTransport::new(config)?;
        let state = Arc::new(ClientState::default());
        state.logger.write(Level::Info, || {
            let info = transport.connection_info();
            let proxy = info.proxy.as_ref().map_or_else(|| "no proxy".to_owned(), |proxy| format!("the proxy {proxy}"));
            format!("client for {} with {proxy}, because {}", info.base_url, info.proxy_reason)
        });
        let shared = Shared {
            transport,
            limits: Limits {
                timeout: config.timeout,
                connect_timeout: config.connect_timeout,
                max_retries: config.max_retries,
            },
            ascii_json: config.ascii_json,
            thread_pool: Arc::new(ThreadPool::new(state.clone())),
            state,
        };
        Ok(Engine { shared: Arc::new(shared), context: None })
    }

    /// Ends all calls, now and later, with the code `cancelled`.
    pub(crate) fn close(&self) {
        // First, so that whatever starts after the next two steps ends by itself.
        self.shared.state.close();
        self.shared.transport.close();
        self.shared.thread_pool.close();
    }

    /// Replaces the log hook of this client.
    pub(crate) fn set_logger(&self, hook: Option<Arc<log::Hook>>, max_level: i32) {
        self.shared.state.logger.set(hook, max_level);
    }

    /// What can end a call with this `control`.
    pub(crate) fn call_control(&self, control: &Control) -> CallControl {
        CallControl::new(control, &self.shared.state)
    }

    /// Validates a request. Redacts the error, because it may quote the API key if that was passed as a request key.
    pub(crate) fn build_call(&self, definition: &'static Definition, request_json: &str) -> Result<Call, Error> {
        let call = Call::build(definition, request_json, &self.shared.state.logger)
            .map_err(|error| self.redact_error(error))?;
        Ok(Call { context: self.context.clone(), ..call })
    }

    /// A call that was built earlier, with the context of this engine.
    pub(crate) fn in_context(&self, call: Arc<Call>) -> Arc<Call> {
        match &self.context {
            None => call,
            Some(context) => Arc::new(Call { context: Some(context.clone()), ..Call::clone(&call) }),
        }
    }

    /// The same state, with a context for the calls that are built from now on.
    pub(crate) fn with_context(&self, context: Arc<dyn CallContext>) -> Engine {
        Engine { shared: self.shared.clone(), context: Some(context) }
    }

    /// Validates a request, then runs the call, which started at `started`. `read` keeps what it reads: a function that
    /// returned it would be compiled once per type.
    pub(crate) fn execute_typed(
        &self,
        definition: &'static Definition,
        request_json: &str,
        control: &Control,
        started: Instant,
        read: &mut dyn FnMut(WipedBytes, ExpectedShape) -> Result<(), String>,
    ) -> Result<(), Error> {
        let call = self.build_call(definition, request_json)?;
        execute(&call, &self.shared.transport, &self.shared.limits, &self.call_control(control), started, read)
    }

    /// Runs a call, which started at `started`. Returns the JSON of the service.
    pub(crate) fn execute_call(&self, call: &Call, control: &CallControl, started: Instant) -> Result<String, Error> {
        execute(call, &self.shared.transport, &self.shared.limits, control, started, response::validate)
    }

    /// The time limit of a call.
    pub(crate) fn timeout(&self, call: &Call) -> Duration {
        call.timeout.unwrap_or(self.shared.limits.timeout)
    }

    /// The threads for started calls.
    pub(crate) fn thread_pool(&self) -> &Arc<ThreadPool> {
        &self.shared.thread_pool
    }

    pub(crate) fn connection_info(&self) -> &ConnectionInfo {
        self.shared.transport.connection_info()
    }

    /// Removes the secrets of this client from the message of an error.
    pub(crate) fn redact_error(&self, error: Error) -> Error {
        self.shared.transport.hide(error)
    }

    /// The response to `call`, in ASCII if the configuration says so.
    pub(crate) fn format_output(&self, response: String, call: &Call) -> Result<String, Error> {
        match self.shared.ascii_json {
            true => json::escape_non_ascii(response)
                .map_err(|_| memory::out_of_memory(call.definition.name, call.changes_state())),
            false => Ok(response),
        }
    }

    /// The connection info as JSON, in ASCII if the configuration says so.
    pub(crate) fn format_connection_info(&self) -> String {
        self.escape(self.connection_info().to_json())
    }

    /// The error object of an error, in ASCII if the configuration says so.
    pub(crate) fn format_error(&self, error: &Error) -> String {
        self.escape(error.to_json())
    }

    fn escape(&self, text: String) -> String {
        match self.shared.ascii_json {
            true => json::escape_non_ascii(text).unwrap_or_else(|_| memory::out_of_memory_for_error().to_json()),
            false => text,
        }
    }
}
