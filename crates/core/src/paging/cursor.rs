//! The position in a list of pages. Detects a list that does not advance.

use serde::Deserialize;
use serde_json::value::RawValue;
use upscope_json::value::{boolean, text_or_number};

use crate::catalog::operation::Operation;
use crate::catalog::operations::ListSessions;
use crate::error::{Error, ErrorCode};
use crate::request::build::MAX_TARGET_BYTES;

/// The position in the list.
#[derive(Default)]
pub(crate) struct Cursor {
    /// The `last_id` of the previous page.
    after: Option<String>,
    /// The last page was read.
    finished: bool,
    /// An earlier `last_id`, replaced at increasing distances. If it appears again, the pages form a cycle.
    checkpoint: Option<String>,
    page_count: u64,
}

impl Cursor {
    /// Starts after `after`, or at the first page.
    pub(crate) fn new(after: Option<String>) -> Cursor {
        Cursor { checkpoint: after.clone(), after, ..Cursor::default() }
    }

    /// Whether the last page was read.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// The `after_id` of the next request.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Moves to the end of `page`.
    pub(crate) fn advance(&mut self, page: &str) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Position<'p> {
            #[serde(borrow)]
            has_more: Option<&'p RawValue>,
            #[serde(borrow)]
            last_id: Option<&'p RawValue>,
        }
        let position: Position =
            serde_json::from_str(page).map_err(|_| invalid_page("holds \"has_more\" or \"last_id\" twice"))?;
        if position.has_more.and_then(boolean) != Some(true) {
            self.finished = true;
            return Ok(());
        }
        // An id that does not fit into a URL is not copied. Older versions of the service sent numbers.
        let last_id = position.last_id.filter(|id| id.get().len() <= MAX_TARGET_BYTES);
        let last_id = last_id.and_then(text_or_number).filter(|id| !id.is_empty());
        let Some(last_id) = last_id else {
            return Err(invalid_page("says that there are more sessions and gives no last_id that can be sent"));
        };
        if Some(&last_id) == self.after.as_ref() || Some(&last_id) == self.checkpoint.as_ref() {
            return Err(invalid_page("says that there are more sessions and gives a last_id that does not advance"));
        }
        self.page_count += 1;
        if self.page_count.is_power_of_two() {
            self.checkpoint = Some(last_id.clone());
        }
        self.after = Some(last_id);
        Ok(())
    }
}

/// The error for a page after which the iteration cannot continue.
pub(crate) fn invalid_page(problem: &str) -> Error {
    Error::new(ErrorCode::BadResponse, format!("list_sessions was answered, but the answer {problem}."))
        .in_operation(ListSessions::DEFINITION.name)
        .with_http(200, None)
        .with_outcome(1, false, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(last_id: &str) -> String {
        format!(r#"{{"cobrowsing_sessions":[],"has_more":true,"last_id":{last_id},"new":{{}}}}"#)
    }

    #[test]
    fn the_cursor_advances_until_the_last_page() {
        let mut cursor = Cursor::default();
        cursor.advance(&page("\"s_1\"")).unwrap();
        cursor.advance(&page("2")).unwrap();
        assert_eq!(cursor.after.as_deref(), Some("2"));
        assert!(cursor.advance(&page("\"2\"")).is_err());
        assert!(cursor.advance(&page("null")).is_err());
        cursor.advance(&page("12345678901234567890123")).unwrap();
        assert_eq!(cursor.after.as_deref(), Some("12345678901234567890123"));
        for end in [r#"{"has_more":false,"last_id":"2"}"#, "{}", r#"{"has_more":null}"#] {
            let mut cursor = Cursor::default();
            cursor.advance(end).unwrap();
            assert!(cursor.finished);
        }
    }

    #[test]
    fn a_cycle_of_any_length_is_detected() {
        for length in [2, 3, 7, 100] {
            let mut cursor = Cursor::default();
            let found = (0..1000).find(|n| cursor.advance(&page(&format!("\"s_{}\"", n % length))).is_err());
            assert!(found.is_some_and(|n| n < 4 * length + 4), "{length}: {found:?}");
        }
    }
}
