//! A page of sessions.

use serde_json::Value;

use crate::catalog::expected_shape::ExpectedShape;
use crate::catalog::model::{Answer, ResponseType, Session, model, object_response, read};

model! {
    /// One page of sessions, from first to last.
    SessionPage {
        /// The sessions.
        cobrowsing_sessions: Vec<Session>,
        /// Whether there are more.
        has_more: bool,
        /// The id of the last session: the `after_id` of the next page.
        last_id: String,
    }
}

impl Answer for SessionPage {
    const TYPE: ResponseType = object_response::<SessionPage>();

    fn from_answer(answer: Value, _: ExpectedShape) -> Option<Self> {
        match answer {
            Value::Object(mut object) => {
                // A null in the list must not make the whole list unreadable.
                if let Some(Value::Array(sessions)) = object.get_mut("cobrowsing_sessions") {
                    sessions.retain(Value::is_object);
                }
                Some(SessionPage::from_members(object))
            }
            _ => None,
        }
    }

    fn from_text(text: &str, _: ExpectedShape) -> Option<Self> {
        read::whole(text).filter(|page: &SessionPage| page.cobrowsing_sessions.is_some())
    }
}
