//! The client, with which a program calls the service.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::background::call_handle::{OnDone, Pending, Starter};
use crate::call::context::CallContext;
use crate::call::response;
use crate::catalog::definition::Definition;
use crate::catalog::operation::Operation;
use crate::catalog::operations::ListSessions;
use crate::catalog::registry;
use crate::config::Config;
use crate::engine::Engine;
use crate::error::{Error, ErrorCode};
use crate::paging::pages::{Pages, Sessions};
use crate::support::cancel::Control;
use crate::support::log;
use crate::transport::ConnectionInfo;

/// A client of the Upscope REST API. It is cheap to clone, and any number of threads can use it at once.
///
/// ```
/// # use upscope_test_support::{Response, ScriptedServer};
/// # let server = ScriptedServer::repeating(Response::json(200, r#"{"visitor":{"short_id":"1234","name":"Ann"}}"#));
/// use upscope::{Client, Config, operations::GetVisitor};
///
/// let config = Config::new().api_key("secret");
/// # let config = config.base_url(server.base_url()).proxy("");
/// let client = Client::new(config)?;
/// let visitor = client.get_visitor(&GetVisitor::new("1234"))?;
/// assert_eq!(visitor.name.as_deref(), Some("Ann"));
/// # Ok::<(), upscope::Error>(())
/// ```
#[derive(Clone)]
pub struct Client(Engine);

impl Client {
    /// Creates a client. Validates the configuration, but sends nothing and starts no thread.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::InvalidArgument`] if a setting is wrong, or if there is no API key.
    ///
    /// ```
    /// use upscope::{Client, Config, ErrorCode};
    ///
    /// let error = Client::new(Config::new().api_key("")).unwrap_err();
    /// assert_eq!(error.code(), ErrorCode::InvalidArgument);
    /// ```
    pub fn new(config: Config) -> Result<Client, Error> {
        Engine::new(&config).map(Client)
    }

    /// Calls an operation with a typed request. Each operation also has its own method, such as
    /// [`get_visitor`](Client::get_visitor).
    ///
    /// # Errors
    ///
    /// See [`ErrorCode`] for the kinds of errors.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// use upscope::operations::GetUsage;
    ///
    /// let usage = client.send(&GetUsage::new())?;
    /// assert_eq!(usage.visitors.and_then(|visitors| visitors.online_now), Some(3));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn send<O: Operation>(&self, request: &O) -> Result<O::Answer, Error> {
        self.send_with(request, &Control::default())
    }

    /// Calls an operation with a typed request; `control` can cancel it.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// use upscope::operations::GetUsage;
    /// use upscope::{CancelToken, Control, ErrorCode};
    ///
    /// let token = CancelToken::new();
    /// token.cancel(); // from any thread, also during the call
    /// let error = client.send_with(&GetUsage::new(), &Control::cancelled_by(&token)).unwrap_err();
    /// assert_eq!(error.code(), ErrorCode::Cancelled);
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn send_with<O: Operation>(&self, request: &O, control: &Control) -> Result<O::Answer, Error> {
        let started = Instant::now();
        let definition = O::DEFINITION;
        let request = serde_json::to_string(request).map_err(|_| {
            Error::invalid_argument("The request cannot be written as JSON.").in_operation(definition.name)
        })?;
        let mut answer = None;
        self.0.execute_typed(definition, &request, control, started, &mut |body, expected| {
            answer = response::read(body, expected)?;
            Ok(())
        })?;
        answer.ok_or_else(|| {
            let message = format!("{} was answered, but the answer does not fit its type.", definition.name);
            Error::new(ErrorCode::BadResponse, message).in_operation(definition.name).with_outcome(1, false, false)
        })
    }

    /// Calls an operation by name. Returns the JSON of the service, unchanged unless `ascii_json` is set.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"visitor":{"short_id":"1234","name":"Ann"}}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// let json = client.call("get_visitor", r#"{"visitor_id": "1234"}"#)?;
    /// assert_eq!(json, r#"{"visitor":{"short_id":"1234","name":"Ann"}}"#);
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn call(&self, operation: &str, request_json: &str) -> Result<String, Error> {
        self.call_with(operation, request_json, &Control::default())
    }

    /// Like [`call`](Client::call); `control` can cancel it.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// use upscope::Control;
    ///
    /// let interrupted = || false; // called while the call waits; true cancels it
    /// let json = client.call_with("get_usage", "{}", &Control::interrupted_by(interrupted))?;
    /// assert!(json.contains("online_now"));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn call_with(&self, operation: &str, request_json: &str, control: &Control) -> Result<String, Error> {
        let started = Instant::now();
        let definition = self.find(operation)?;
        let call = self.0.build_call(definition, request_json)?;
        let response = self.0.execute_call(&call, &self.0.call_control(control), started)?;
        self.0.format_output(response, &call)
    }

    /// Starts a call on a thread of this client and returns at once.
    ///
    /// That thread calls `done` with the result, at most once. The request is validated first. The timeout of the call
    /// starts now, even if the call has to wait for a free thread.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// use std::sync::mpsc;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// let pending = client.start("get_usage", "{}", move |result| {
    ///     let _ = sender.send(result);
    /// })?;
    /// let json = receiver.recv().expect("the callback runs")?;
    /// assert!(json.contains("online_now"));
    /// drop(pending); // before the end, this would cancel the call
    /// # Ok::<(), upscope::Error>(())
    /// ```
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
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// use std::time::Duration;
    ///
    /// let pending = client.start_polled("get_usage", "{}")?;
    /// let json = loop {
    ///     match pending.wait(Some(Duration::from_millis(10))) {
    ///         Some(result) => break result?,
    ///         None => {} // do something else
    ///     }
    /// };
    /// assert!(json.contains("online_now"));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn start_polled(&self, operation: &str, request_json: &str) -> Result<Pending, Error> {
        let (pending, starter) = self.prepare(operation, request_json, None)?;
        starter.start()?;
        Ok(pending)
    }

    /// Like [`start`](Client::start), in two steps, for a callback that needs the handle.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// let (pending, starter) = client.prepare("get_usage", "{}", None)?;
    /// // Store `pending` where the callback finds it, then:
    /// starter.start()?;
    /// assert!(pending.wait(None).expect("without a timeout, there is a result").is_ok());
    /// # Ok::<(), upscope::Error>(())
    /// ```
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
            let control = engine.call_control(control);
            engine.format_output(engine.execute_call(&call, &control, started)?, &call)
        }))
    }

    /// The base URL, the proxy and the root certificates in effect, with reasons: look here first if calls fail.
    ///
    /// ```
    /// use upscope::{Client, Config};
    ///
    /// let client = Client::new(Config::new().api_key("secret").base_url("https://desk.example/v1.3").proxy(""))?;
    /// let info = client.connection_info();
    /// assert_eq!(info.base_url, "https://desk.example/v1.3");
    /// assert_eq!(info.proxy, None);
    /// println!("{} because {}; {}", info.base_url, info.proxy_reason, info.roots);
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn connection_info(&self) -> &ConnectionInfo {
        self.0.connection_info()
    }

    /// The connection info as a JSON object, without secrets: `{"base_url", "proxy", "proxy_reason", "roots"}`.
    // As for `close`: rarely called.
    #[inline(never)]
    pub fn connection_info_json(&self) -> String {
        self.0.format_connection_info()
    }

    /// Closes the client, from any thread: running and started calls, and calls for pages, end within 0.2 s with the code
    /// `cancelled`. Only a call that is connecting through a SOCKS proxy that does not respond needs its connect timeout.
    /// Later calls end with `cancelled` immediately.
    ///
    /// Applies to all clones of the client and to its page iterators. Does not wait for the calls. In a child process, it
    /// ends the calls of that process only.
    // Rarely called. Inlined into the boundary, it would be optimised for speed and be larger.
    #[inline(never)]
    pub fn close(&self) {
        self.0.close();
    }

    /// Sends the lines of this client up to `max_level` to `hook` instead of the one of [`log::set_logger`]. None returns
    /// to that one. Applies to all clones of the client.
    ///
    /// When this returns, the previous hook no longer runs for this client, unless a hook made this call. The client keeps
    /// the hook until it is replaced or until the client and its started calls have ended.
    pub fn set_logger(&self, hook: Option<Arc<log::Hook>>, max_level: i32) {
        self.0.set_logger(hook, max_level);
    }

    /// The same client, with a context for its calls. It shares the connections and the threads.
    #[doc(hidden)]
    pub fn with_context(&self, context: Arc<dyn CallContext>) -> Client {
        Client(self.0.with_context(context))
    }

    /// All sessions as pages of JSON: the responses of `list_sessions`.
    ///
    /// Validates the request, but sends nothing before the first page is requested.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"cobrowsing_sessions":[{"id":"s_1"},{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// let pages = client.session_pages(r#"{"ongoing_only": true}"#)?;
    /// while let Some(json) = pages.next_page()? {
    ///     assert!(json.contains("s_1"));
    /// }
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn session_pages(&self, request_json: &str) -> Result<Pages, Error> {
        Pages::new(self.0.clone(), request_json)
    }

    /// All matching sessions, from first to last. Pages are fetched as needed.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"cobrowsing_sessions":[{"id":"s_1"},{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// use upscope::operations::ListSessions;
    ///
    /// let request = ListSessions::new().updated_after("2026-01-31T09:30:00Z");
    /// for session in client.sessions(&request)? {
    ///     println!("{}", session?.id.unwrap_or_default());
    /// }
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn sessions(&self, request: &ListSessions) -> Result<Sessions, Error> {
        let request = serde_json::to_string(request)
            .map_err(|_| Error::invalid_argument("The request cannot be written as JSON."))?;
        Ok(Sessions::new(self.session_pages(&request)?))
    }

    /// The error object of an error, in ASCII if `ascii_json` is set.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// let error = client.call("get_usage", r#"{"wrong": 1}"#).unwrap_err();
    /// assert!(client.error_json(&error).starts_with(r#"{"error":{"code":"invalid_argument","status":1,"#));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn error_json(&self, error: &Error) -> String {
        self.0.format_error(error)
    }

    /// The definition of an operation.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// let definition = client.find("delete_visitor")?;
    /// assert_eq!((definition.method, definition.path), ("DELETE", "/visitors/{visitor_id}"));
    /// assert!(client.find("delete_visitr").unwrap_err().message().contains("delete_visitor"));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn find(&self, operation: &str) -> Result<&'static Definition, Error> {
        registry::find(operation).ok_or_else(|| self.0.redact_error(registry::unknown_operation(operation)))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.connection_info().base_url).finish_non_exhaustive()
    }
}
