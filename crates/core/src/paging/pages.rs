//! Walks through all sessions, page by page.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::background::call_handle::{OnDone, Pending, Starter};
use crate::catalog::model::{Answer, Session, SessionPage};
use crate::catalog::operation::Operation;
use crate::catalog::operations::ListSessions;
use crate::engine::Engine;
use crate::error::{Error, ErrorCode};
use crate::paging::cursor::{Cursor, not_advancing};
use crate::paging::fair_lock::{FairLock, Ticket, WaitError};
use crate::paging::prefetch::Prefetch;
use crate::request::build::Call;
use crate::support::cancel::Control;

/// Pages of sessions as JSON. After an error the same page can be asked for again.
///
/// Any number of threads may ask at once: they get one page each, in the order in which they asked.
pub struct Pages {
    engine: Engine,
    walk: Arc<FairLock<Walk>>,
}

struct Walk {
    /// The request for the next page.
    call: Arc<Call>,
    cursor: Cursor,
    prefetch: bool,
    /// The next page, on its way already.
    ahead: Option<Prefetch>,
}

impl Pages {
    pub(crate) fn new(engine: Engine, request_json: &str) -> Result<Pages, Error> {
        let call = engine.build_call(ListSessions::DEFINITION, request_json)?;
        let cursor = Cursor::new(call.target.query("after_id"));
        let walk = Walk { call: Arc::new(call), cursor, prefetch: false, ahead: None };
        Ok(Pages { engine, walk: Arc::new(FairLock::new(walk)) })
    }

    /// Whether the page after the one that is handed out is fetched meanwhile, on a thread of the client's. Off at
    /// the start.
    pub fn prefetch(&self, on: bool) {
        self.walk.peek(|walk| walk.prefetch = on);
    }

    /// The next page, or None after the last one.
    pub fn next_page(&self) -> Result<Option<String>, Error> {
        self.next_page_with(&Control::default())
    }

    /// As [`next_page`](Pages::next_page); `control` can end it.
    pub fn next_page_with(&self, control: &Control) -> Result<Option<String>, Error> {
        self.fetch(control)
    }

    /// As [`next_page`](Pages::next_page), on a thread of the client's: `done` is told the page, or None after the
    /// last one. See [`Client::start`].
    pub fn start_next(
        &self,
        done: impl FnOnce(Result<Option<String>, Error>) + Send + 'static,
    ) -> Result<Pending<Option<String>>, Error> {
        let (pending, starter) = self.prepare_next(Some(Box::new(done)));
        starter.start()?;
        Ok(pending)
    }

    /// As [`start_next`](Pages::start_next), in two steps: the handle first, for a `done` that needs it.
    pub fn prepare_next(&self, done: Option<OnDone<Option<String>>>) -> (Pending<Option<String>>, Starter) {
        let began = Instant::now();
        let ticket = self.walk.join();
        Pending::new(&self.engine, ListSessions::DEFINITION.name, false, done, move |engine, control| {
            fetch(engine, &ticket, control, began)
        })
    }

    fn fetch(&self, control: &Control) -> Result<Option<String>, Error> {
        fetch(&self.engine, &self.walk.join(), control, Instant::now())
    }
}

/// The page whose turn it is.
fn fetch(engine: &Engine, ticket: &Ticket<Walk>, control: &Control, began: Instant) -> Result<Option<String>, Error> {
    let timeout = ticket.with(|walk| engine.timeout(&walk.call));
    ticket.wait(control, began + timeout).map_err(|left| not_served(&left))?;
    // Another one may have moved it on meanwhile.
    let (done, call, ahead) = ticket.with(|walk| (walk.cursor.is_done(), walk.call.clone(), walk.ahead.take()));
    if done {
        return Ok(None);
    }
    let page = match ahead.map(|ahead| ahead.collect(control)) {
        Some(Ok(Some(result))) => result?,
        // Its caller gives up; it does not.
        Some(Err(ahead)) => {
            ticket.with(|walk| walk.ahead = Some(ahead));
            return Err(not_served(&WaitError::Cancelled));
        }
        Some(Ok(None)) | None => engine.execute_call(&call, control, began)?,
    };
    // Before the walk moves on: after an error the same page can be asked for again.
    let page = engine.format_output(page, &call)?;
    ticket.with(|walk| walk.advance(engine, &page))?;
    Ok(Some(page))
}

fn not_served(left: &WaitError) -> Error {
    let name = ListSessions::DEFINITION.name;
    let (code, problem) = match left {
        WaitError::Cancelled => (ErrorCode::Cancelled, "the call was cancelled while waiting for the page"),
        WaitError::Late => (ErrorCode::Timeout, "the deadline passed while the pages before were waited for"),
    };
    let error = Error::new(code, format!("{name} failed: {problem}.")).in_operation(name);
    error.with_outcome(0, code == ErrorCode::Timeout, false)
}

impl Walk {
    fn advance(&mut self, engine: &Engine, page: &str) -> Result<(), Error> {
        self.cursor.advance(page)?;
        if self.cursor.is_done() {
            return Ok(());
        }
        if let Some(after) = self.cursor.after() {
            let mut call = Call::clone(&self.call);
            call.target.set_query("after_id", after);
            self.call = Arc::new(call);
        }
        if self.prefetch {
            self.ahead = Prefetch::start(engine, self.call.clone());
        }
        Ok(())
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("done", &self.walk.peek(|walk| walk.cursor.is_done())).finish_non_exhaustive()
    }
}

/// All sessions, from first to last. Ends after an error.
#[derive(Debug)]
pub struct Sessions {
    pages: Pages,
    waiting: VecDeque<Session>,
    failed: bool,
}

impl Sessions {
    pub(crate) fn new(pages: Pages) -> Sessions {
        Sessions { pages, waiting: VecDeque::new(), failed: false }
    }

    /// Fetches each page while the one before is worked on; see [`Pages::prefetch`].
    pub fn prefetch(self) -> Sessions {
        self.pages.prefetch(true);
        self
    }

    fn load(&mut self) -> Result<bool, Error> {
        let Some(page) = self.pages.fetch(&Control::default())? else {
            return Ok(false);
        };
        let page = serde_json::from_str(&page)
            .ok()
            .and_then(|value| SessionPage::from_answer(value, ListSessions::DEFINITION.expected))
            .and_then(|page| page.cobrowsing_sessions)
            .ok_or_else(|| not_advancing("holds a session that is not an object"))?;
        self.waiting.extend(page);
        Ok(true)
    }
}

impl Iterator for Sessions {
    type Item = Result<Session, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.waiting.is_empty() && !self.failed {
            match self.load() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
        self.waiting.pop_front().map(Ok)
    }
}
