//! `GET /cobrowsing_sessions/list`.

use crate::catalog::define::{ExpectedShape, ParameterType, operation};
use crate::catalog::model::SessionPage;

operation! {
    /// Lists one page of sessions, from first to last.
    ///
    /// To read all pages, use an iterator over sessions.
    "GET" "/cobrowsing_sessions/list" as list_sessions(ListSessions) -> SessionPage, ExpectedShape::Array("cobrowsing_sessions");
    required {}
    optional {
        /// Only sessions before the one with this id.
        Query before_id: String = ParameterType::NonEmptyText => "s_456";
        /// Only sessions after the one with this id; for the next page, the `last_id` of a page.
        Query after_id: String = ParameterType::NonEmptyText => "s_123";
        /// Only sessions that are active now.
        Query ongoing_only: bool = ParameterType::Boolean => "true", default "false";
        /// Only sessions whose record changed after this time (RFC 3339, with its offset).
        Query updated_after: String = ParameterType::Time => "2026-01-31T09:30:00Z";
    }
    /// One page of sessions.
    response r#"{"status": "ok", "cobrowsing_sessions": [{"id": "s_123", "visitor_id": "1234", "started_at": "2026-01-31T09:00:00.000Z", "ended_at": null}], "has_more": false, "last_id": "s_123"}"#;
}
