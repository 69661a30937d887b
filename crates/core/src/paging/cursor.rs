//! Where a walk through pages is, and whether it advances.

use serde::Deserialize;
use serde_json::value::RawValue;
use upscope_json::value::{boolean, text_or_number};

use crate::catalog::operation::Operation;
use crate::catalog::operations::ListSessions;
use crate::error::{Error, ErrorCode};
use crate::request::build::MAX_TARGET_BYTES;

/// Where in the list the walk is.
#[derive(Default)]
pub(crate) struct Cursor {
    /// The `last_id` of the page before.
    after: Option<String>,
    done: bool,
    /// A `last_id` of some pages ago: meeting it again shows a circle, whatever its length.
    milestone: Option<String>,
    steps: u64,
}

impl Cursor {
    /// A walk that begins behind `after`, or at the first page.
    pub(crate) fn new(after: Option<String>) -> Cursor {
        Cursor { milestone: after.clone(), after, ..Cursor::default() }
    }

    /// Whether the last page was seen.
    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    /// What the next page comes after.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Moves behind `page`.
    pub(crate) fn advance(&mut self, page: &str) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Position<'p> {
            #[serde(borrow)]
            has_more: Option<&'p RawValue>,
            #[serde(borrow)]
            last_id: Option<&'p RawValue>,
        }
        let position: Position =
            serde_json::from_str(page).map_err(|_| not_advancing("holds \"has_more\" or \"last_id\" twice"))?;
        if position.has_more.and_then(boolean) != Some(true) {
            self.done = true;
            return Ok(());
        }
        // An older version of the service sent numbers.
        // One that no URL has room for leads nowhere, and is not copied.
        let last = position.last_id.filter(|id| id.get().len() <= MAX_TARGET_BYTES);
        let last = last.and_then(text_or_number).filter(|id| !id.is_empty());
        let Some(last) = last else {
            return Err(not_advancing("says that there are more sessions and gives no last_id that can be sent"));
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

/// A page from which the walk cannot go on.
pub(crate) fn not_advancing(problem: &str) -> Error {
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
    fn a_walk_ends_or_advances() {
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
