//! `GET /cobrowsing_sessions/list`.

use crate::model::SessionPage;
use crate::operation::{Promise, operation};
use crate::parameter::Kind;

operation! {
    /// Lists one page of sessions, from first to last.
    "GET" "/cobrowsing_sessions/list" as list_sessions(ListSessions) -> SessionPage, Promise::Array("cobrowsing_sessions");
    required {}
    optional {
        /// Only sessions before the one with this id.
        Query before_id: String = Kind::NonEmptyText;
        /// Only sessions after the one with this id; the `last_id` of one page leads to the next.
        Query after_id: String = Kind::NonEmptyText;
        /// Only sessions that are active now.
        Query ongoing_only: bool = Kind::Boolean;
        /// Only sessions whose record changed after this time (RFC 3339, with its offset).
        Query updated_after: String = Kind::Time;
    }
}
