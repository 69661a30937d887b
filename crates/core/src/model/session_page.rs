//! A page of sessions.

use serde_json::Value;

use super::{Answer, Session, model};
use crate::operation::Promise;

model! {
    /// One page of sessions, from first to last.
    SessionPage {
        /// The sessions.
        cobrowsing_sessions: Vec<Session>,
        /// Whether there are more.
        has_more: bool,
        /// The id to go on after.
        last_id: String,
    }
}

impl Answer for SessionPage {
    fn from_answer(answer: Value, _: Promise) -> Option<Self> {
        match answer {
            Value::Object(mut object) => {
                // A null in the list does not spoil the others.
                if let Some(Value::Array(sessions)) = object.get_mut("cobrowsing_sessions") {
                    sessions.retain(Value::is_object);
                }
                Some(SessionPage::from_object(object))
            }
            _ => None,
        }
    }
}
