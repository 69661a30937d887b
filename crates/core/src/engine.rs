//! What every call of one client needs. The client, started calls and page iterators share it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::background::thread_pool::ThreadPool;
use crate::call::run::{Limits, execute};
use crate::catalog::operation::Definition;
use crate::config::Config;
use crate::error::Error;
use crate::json;
use crate::request::build::Call;
use crate::support::cancel::Control;
use crate::support::log::{self, Level};
use crate::support::memory;
use crate::transport::{ConnectionInfo, HttpTransport};

/// The shared state of one client. Cloning it gives the same engine.
#[derive(Clone)]
pub(crate) struct Engine(Arc<Shared>);

struct Shared {
    transport: HttpTransport,
    limits: Limits,
    ascii_json: bool,
    thread_pool: Arc<ThreadPool>,
}

impl Engine {
    /// Checks the configuration. Sends nothing and starts no thread.
    pub(crate) fn new(config: &Config) -> Result<Engine, Error> {
        let transport = HttpTransport::new(config)?;
        log::write(Level::Info, || {
            let info = transport.connection_info();
            let proxy = info.proxy.as_deref().unwrap_or("no proxy");
            format!("client for {} by {proxy}, because {}", info.base_url, info.proxy_reason)
        });
        Ok(Engine(Arc::new(Shared {
            transport,
            limits: Limits {
                timeout: config.timeout,
                connect_timeout: config.connect_timeout,
                max_retries: config.max_retries,
            },
            ascii_json: config.ascii_json,
            thread_pool: Arc::new(ThreadPool::new()),
        })))
    }

    /// Checks a request. The error may quote its keys, one of which may be this client's own by mistake.
    pub(crate) fn check(&self, definition: &'static Definition, request_json: &str) -> Result<Call, Error> {
        Call::prepare(definition, request_json).map_err(|error| self.hide(error))
    }

    /// Checks the caller's request, then runs the call.
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

    /// Runs a call whose time began at `began`. Returns the service's JSON.
    pub(crate) fn execute_call(&self, call: &Call, control: &Control, began: Instant) -> Result<String, Error> {
        execute(call, &self.0.transport, &self.0.limits, control, began)
    }

    /// The time that this call may take in all.
    pub(crate) fn timeout(&self, call: &Call) -> Duration {
        call.timeout.unwrap_or(self.0.limits.timeout)
    }

    /// The threads of this client for started calls.
    pub(crate) fn thread_pool(&self) -> &Arc<ThreadPool> {
        &self.0.thread_pool
    }

    pub(crate) fn connection_info(&self) -> &ConnectionInfo {
        self.0.transport.connection_info()
    }

    /// Our own message without this client's secrets.
    pub(crate) fn hide(&self, error: Error) -> Error {
        self.0.transport.hide(error)
    }

    /// The answer to `call` in the form that the configuration asks for.
    pub(crate) fn format_output(&self, answer: String, call: &Call) -> Result<String, Error> {
        match self.0.ascii_json {
            true => json::ascii(answer).map_err(|_| memory::too_short(call.definition.name, call.changes_state())),
            false => Ok(answer),
        }
    }

    /// The error object of an error in the form that the configuration asks for.
    pub(crate) fn format_error(&self, error: &Error) -> String {
        let text = error.to_json();
        match self.0.ascii_json {
            true => json::ascii(text).unwrap_or_else(|_| memory::error_too_long().to_json()),
            false => text,
        }
    }
}
