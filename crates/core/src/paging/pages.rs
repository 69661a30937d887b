//! Iterates over all sessions, page by page.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::background::call_handle::{OnDone, Pending, Starter};
use crate::call::context::CallContext;
use crate::call::response;
use crate::catalog::model::{Session, SessionPage};
use crate::catalog::operation::Operation;
use crate::catalog::operations::ListSessions;
use crate::engine::Engine;
use crate::error::{Error, ErrorCode};
use crate::paging::cursor::{Cursor, invalid_page};
use crate::paging::fair_lock::{FairLock, WaitError, Waiter};
use crate::paging::prefetch::Prefetch;
use crate::request::build::Call;
use crate::support::call_control::{CallControl, client_closed};
use crate::support::cancel::Control;
use crate::support::secret::Wipe;

/// Pages of sessions as JSON. After an error, the next call requests the same page again.
///
/// Several threads can use it at the same time. Each gets another page, in the order of the calls.
///
/// ```
/// # use upscope_test_support::{Response, ScriptedServer};
/// # let server = ScriptedServer::repeating(Response::json(200, r#"{"cobrowsing_sessions":[{"id":"s_1"},{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#));
/// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
/// # let client = upscope::Client::new(config)?;
/// let pages = client.session_pages("{}")?;
/// let first = pages.next_page()?;
/// assert!(first.is_some_and(|json| json.contains("s_2")));
/// assert_eq!(pages.next_page()?, None);
/// # Ok::<(), upscope::Error>(())
/// ```
pub struct Pages {
    engine: Engine,
    state: Arc<FairLock<PageState>>,
}

struct PageState {
    /// The request for the next page.
    call: Arc<Call>,
    cursor: Cursor,
    prefetch_enabled: bool,
    /// The next page, if it is being fetched already.
    prefetched: Option<Prefetch>,
}

impl Pages {
    pub(crate) fn new(engine: Engine, request_json: &str) -> Result<Pages, Error> {
        let call = engine.build_call(ListSessions::DEFINITION, request_json)?;
        let cursor = Cursor::new(call.target.query("after_id"));
        let state = PageState { call: Arc::new(call), cursor, prefetch_enabled: false, prefetched: None };
        Ok(Pages { engine, state: Arc::new(FairLock::new(state)) })
    }

    /// Enables or disables fetching the next page in the background, on a thread of the client. Disabled by default.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"cobrowsing_sessions":[{"id":"s_1"},{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// let pages = client.session_pages("{}")?;
    /// pages.prefetch(true);
    /// while let Some(json) = pages.next_page()? {
    ///     // The next page is on its way while this one is processed.
    ///     assert!(json.contains("s_1"));
    /// }
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn prefetch(&self, on: bool) {
        self.state.peek(|state| state.prefetch_enabled = on);
    }

    /// Whether the last page was returned.
    #[doc(hidden)]
    pub fn is_finished(&self) -> bool {
        self.state.peek(|state| state.cursor.is_finished())
    }

    /// The same pages, with a context for the calls that fetch them. A page that is fetched ahead has the context of the
    /// page before it.
    #[doc(hidden)]
    pub fn with_context(&self, context: Arc<dyn CallContext>) -> Pages {
        Pages { engine: self.engine.with_context(context), state: self.state.clone() }
    }

    /// Returns the next page, or None after the last one.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"cobrowsing_sessions":[{"id":"s_1"},{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// let pages = client.session_pages("{}")?;
    /// assert!(pages.next_page()?.is_some());
    /// assert!(pages.next_page()?.is_none());
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn next_page(&self) -> Result<Option<String>, Error> {
        self.next_page_with(&Control::default())
    }

    /// Like [`next_page`](Pages::next_page), but `control` can end the call.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"cobrowsing_sessions":[{"id":"s_1"},{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// use upscope::{CancelToken, Control};
    ///
    /// let token = CancelToken::new();
    /// let page = client.session_pages("{}")?.next_page_with(&Control::cancelled_by(&token))?;
    /// assert!(page.is_some());
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn next_page_with(&self, control: &Control) -> Result<Option<String>, Error> {
        self.fetch(control)
    }

    /// Like [`next_page`](Pages::next_page), but runs on a thread of the client and passes the result to `done`. See
    /// [`Client::start`](crate::Client::start).
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"cobrowsing_sessions":[{"id":"s_1"},{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// use std::sync::mpsc;
    ///
    /// let pages = client.session_pages("{}")?;
    /// let (sender, receiver) = mpsc::channel();
    /// let pending = pages.start_next(move |page| {
    ///     let _ = sender.send(page);
    /// })?;
    /// assert!(receiver.recv().expect("the callback runs")?.is_some());
    /// drop(pending);
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn start_next(
        &self,
        done: impl FnOnce(Result<Option<String>, Error>) + Send + 'static,
    ) -> Result<Pending<Option<String>>, Error> {
        let (pending, starter) = self.prepare_next(Some(Box::new(done)));
        starter.start()?;
        Ok(pending)
    }

    /// Like [`start_next`](Pages::start_next), in two steps: it returns the handle before the call starts, for a `done`
    /// that needs the handle.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"cobrowsing_sessions":[{"id":"s_1"},{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// let (pending, starter) = client.session_pages("{}")?.prepare_next(None);
    /// starter.start()?;
    /// assert!(pending.wait(None).expect("without a timeout, there is a result")?.is_some());
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn prepare_next(&self, done: Option<OnDone<Option<String>>>) -> (Pending<Option<String>>, Starter) {
        let started = Instant::now();
        let (engine, waiter) = (self.engine.clone(), self.state.enqueue());
        Pending::new(self.engine.thread_pool(), ListSessions::DEFINITION.name, false, done, move |control| {
            fetch(&engine, &waiter, &engine.call_control(control), started)
        })
    }

    fn fetch(&self, control: &Control) -> Result<Option<String>, Error> {
        fetch(&self.engine, &self.state.enqueue(), &self.engine.call_control(control), Instant::now())
    }
}

/// Waits until the earlier callers have their pages, then fetches the next one.
fn fetch(
    engine: &Engine,
    waiter: &Waiter<PageState>,
    control: &CallControl,
    started: Instant,
) -> Result<Option<String>, Error> {
    let timeout = waiter.access(|state| engine.timeout(&state.call));
    waiter.wait(control, started + timeout).map_err(|error| wait_error(&error))?;
    // Read after the wait: the earlier callers have advanced the cursor.
    let (finished, call, prefetched) =
        waiter.access(|state| (state.cursor.is_finished(), state.call.clone(), state.prefetched.take()));
    if finished {
        return Ok(None);
    }
    // Also without the page that was prefetched.
    if control.client().is_closed() {
        return Err(client_closed(call.definition.name));
    }
    let page = match prefetched.map(|prefetched| prefetched.collect(control)) {
        Some(Ok(Some(result))) => result?,
        // Only this caller's wait was cancelled. The next caller can still use the page.
        Some(Err(prefetched)) => {
            waiter.access(|state| state.prefetched = Some(prefetched));
            return Err(wait_error(&WaitError::Cancelled));
        }
        Some(Ok(None)) | None => engine.execute_call(&engine.in_context(call.clone()), control, started)?,
    };
    // Before advancing: after an error, the next call requests the same page again.
    let page = engine.format_output(page, &call)?;
    waiter.access(|state| state.advance(engine, &page))?;
    Ok(Some(page))
}

fn wait_error(error: &WaitError) -> Error {
    let name = ListSessions::DEFINITION.name;
    let (code, problem) = match error {
        WaitError::Cancelled => (ErrorCode::Cancelled, "the call was cancelled while waiting for the page"),
        WaitError::DeadlinePassed => (ErrorCode::Timeout, "the deadline passed while waiting for earlier pages"),
    };
    let error = Error::new(code, format!("{name} failed: {problem}.")).in_operation(name);
    error.with_outcome(0, code == ErrorCode::Timeout, false)
}

impl PageState {
    fn advance(&mut self, engine: &Engine, page: &str) -> Result<(), Error> {
        self.cursor.advance(page)?;
        if self.cursor.is_finished() {
            return Ok(());
        }
        if let Some(after) = self.cursor.after() {
            let mut call = Call::clone(&self.call);
            call.target.set_query("after_id", after);
            self.call = Arc::new(call);
        }
        if self.prefetch_enabled {
            self.prefetched = Prefetch::start(engine, engine.in_context(self.call.clone()));
        }
        Ok(())
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("finished", &self.is_finished()).finish_non_exhaustive()
    }
}

/// All sessions, from first to last. Ends after an error.
///
/// ```
/// # use upscope_test_support::{Response, ScriptedServer};
/// # let server = ScriptedServer::repeating(Response::json(200, r#"{"cobrowsing_sessions":[{"id":"s_1"},{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#));
/// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
/// # let client = upscope::Client::new(config)?;
/// use upscope::operations::ListSessions;
///
/// let sessions = client.sessions(&ListSessions::new())?.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(sessions.len(), 2);
/// # Ok::<(), upscope::Error>(())
/// ```
#[derive(Debug)]
pub struct Sessions {
    pages: Pages,
    /// Sessions of the current page that were not returned yet.
    remaining: VecDeque<Session>,
    failed: bool,
}

impl Sessions {
    pub(crate) fn new(pages: Pages) -> Sessions {
        Sessions { pages, remaining: VecDeque::new(), failed: false }
    }

    /// Fetches the next page in the background; see [`Pages::prefetch`].
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"cobrowsing_sessions":[{"id":"s_1"},{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// use upscope::operations::ListSessions;
    ///
    /// assert_eq!(client.sessions(&ListSessions::new())?.prefetch().count(), 2);
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn prefetch(self) -> Sessions {
        self.pages.prefetch(true);
        self
    }

    /// Loads the next page. False after the last one.
    fn load_page(&mut self) -> Result<bool, Error> {
        let Some(page) = self.pages.fetch(&Control::default())? else {
            return Ok(false);
        };
        let sessions = response::read_valid(&page, ListSessions::DEFINITION.expected)
            .and_then(|page: SessionPage| page.cobrowsing_sessions)
            .ok_or_else(|| invalid_page("holds a session that is not an object"));
        page.wipe();
        self.remaining = sessions?.into();
        Ok(true)
    }
}

impl Iterator for Sessions {
    type Item = Result<Session, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.remaining.is_empty() && !self.failed {
            match self.load_page() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
        self.remaining.pop_front().map(Ok)
    }
}
