//! Walks through all sessions, page by page.

use std::collections::VecDeque;
use std::fmt;
use std::time::Instant;

use serde::Deserialize;
use serde_json::Value;

use crate::call::Call;
use crate::cancel::Control;
use crate::client::Client;
use crate::error::{Error, ErrorCode};
use crate::model::{Answer, Session, SessionPage};
use crate::operation::Operation;
use crate::operations::ListSessions;

/// Pages of sessions as JSON. After an error the same page can be asked for again.
pub struct Pages {
    client: Client,
    call: Call,
    cursor: Cursor,
}

/// Where in the list the walk is.
#[derive(Default)]
struct Cursor {
    /// The `last_id` of the page before.
    after: Option<String>,
    done: bool,
    /// A `last_id` of some pages ago: meeting it again shows a circle, whatever its length.
    milestone: Option<String>,
    steps: u64,
}

impl Pages {
    pub(crate) fn new(client: Client, request_json: &str) -> Result<Pages, Error> {
        let call = Call::prepare(ListSessions::DEFINITION, request_json)?;
        let after = call.target.query("after_id");
        Ok(Pages { client, call, cursor: Cursor { milestone: after.clone(), after, ..Cursor::default() } })
    }

    /// The next page, or None after the last one.
    pub fn next_page(&mut self) -> Result<Option<String>, Error> {
        self.next_page_with(&Control::default())
    }

    /// As [`next_page`](Pages::next_page); `control` can end it.
    pub fn next_page_with(&mut self, control: &Control) -> Result<Option<String>, Error> {
        let page = self.fetch(control)?;
        Ok(page.map(|page| self.client.spelled(page)))
    }

    fn fetch(&mut self, control: &Control) -> Result<Option<String>, Error> {
        if self.cursor.done {
            return Ok(None);
        }
        let page = self.client.execute_call(&self.call, control, Instant::now())?;
        self.cursor.advance(&page)?;
        if let Some(after) = &self.cursor.after {
            self.call.target.set_query("after_id", after);
        }
        Ok(Some(page))
    }
}

impl Cursor {
    fn advance(&mut self, page: &str) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Position {
            #[serde(default)]
            has_more: Value,
            #[serde(default)]
            last_id: Value,
        }
        let position: Position =
            serde_json::from_str(page).map_err(|_| not_advancing("holds \"has_more\" or \"last_id\" twice"))?;
        if position.has_more != Value::Bool(true) {
            self.done = true;
            return Ok(());
        }
        let last = match position.last_id {
            Value::String(id) if !id.is_empty() => id,
            // An older version of the service sent numbers.
            Value::Number(id) => id.to_string(),
            _ => return Err(not_advancing("says that there are more sessions and gives no last_id")),
        };
        if Some(&last) == self.after.as_ref() || Some(&last) == self.milestone.as_ref() {
            return Err(not_advancing("says that there are more sessions and gives a last_id that does not advance"));
        }
        self.steps += 1;
        if self.steps.is_power_of_two() {
            self.milestone = Some(last.clone());
        }
        self.after = Some(last);
        Ok(())
    }
}

fn not_advancing(problem: &str) -> Error {
    Error::new(ErrorCode::BadResponse, format!("list_sessions was answered, but the answer {problem}."))
        .in_operation(ListSessions::DEFINITION.name)
        .with_http(200, None)
        .with_outcome(1, false, false)
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("done", &self.cursor.done).finish_non_exhaustive()
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

    fn load(&mut self) -> Result<bool, Error> {
        let Some(page) = self.pages.fetch(&Control::default())? else {
            return Ok(false);
        };
        let page = serde_json::from_str(&page)
            .ok()
            .and_then(|value| SessionPage::from_answer(value, ListSessions::DEFINITION.promise))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn page(last_id: &str) -> String {
        format!(r#"{{"cobrowsing_sessions":[],"has_more":true,"last_id":{last_id},"new":{{}}}}"#)
    }

    #[test]
    fn a_walk_ends_or_advances() {
        let mut cursor = Cursor::default();
        cursor.advance(&page("\"s_1\"")).unwrap();
        cursor.advance(&page("2")).unwrap();
        assert_eq!(cursor.after.as_deref(), Some("2"));
        assert!(cursor.advance(&page("\"2\"")).is_err());
        assert!(cursor.advance(&page("null")).is_err());
        for end in [r#"{"has_more":false,"last_id":"2"}"#, "{}", r#"{"has_more":null}"#] {
            let mut cursor = Cursor::default();
            cursor.advance(end).unwrap();
            assert!(cursor.done);
        }
    }

    #[test]
    fn a_circle_is_found_whatever_its_length() {
        for length in [2, 3, 7, 100] {
            let mut cursor = Cursor::default();
            let found = (0..1000).find(|n| cursor.advance(&page(&format!("\"s_{}\"", n % length))).is_err());
            assert!(found.is_some_and(|n| n < 4 * length + 4), "{length}: {found:?}");
        }
    }
}
