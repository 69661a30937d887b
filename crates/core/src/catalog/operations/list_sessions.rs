//! `GET /cobrowsing_sessions/list`.

use crate::catalog::model::SessionPage;
use crate::catalog::operation::{ExpectedShape, operation};
use crate::catalog::parameter::Kind;

operation! {
    /// Lists one page of sessions, from first to last.
    ///
    /// The iterators over sessions go through all pages.
    "GET" "/cobrowsing_sessions/list" as list_sessions(ListSessions) -> SessionPage, ExpectedShape::Array("cobrowsing_sessions");
    required {}
    optional {
        /// Only sessions before the one with this id.
        Query before_id: String = Kind::NonEmptyText => "s_456";
        /// Only sessions after the one with this id; the `last_id` of one page leads to the next.
        Query after_id: String = Kind::NonEmptyText => "s_123";
        /// Only sessions that are active now.
        Query ongoing_only: bool = Kind::Boolean => "true", default "false";
        /// Only sessions whose record changed after this time (RFC 3339, with its offset).
        Query updated_after: String = Kind::Time => "2026-01-31T09:30:00Z";
    }
    /// One page of sessions.
    answer r#"{"status": "ok", "cobrowsing_sessions": [{"id": "s_123", "visitor_id": "1234", "started_at": "2026-01-31T09:00:00.000Z", "ended_at": null}], "has_more": false, "last_id": "s_123"}"#;
}
