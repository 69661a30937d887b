//! `GET /usage`.

use crate::catalog::define::{ExpectedShape, operation};
use crate::catalog::model::Usage;

operation! {
    /// Retrieves the account's usage statistics.
    "GET" "/usage" as get_usage(GetUsage) -> Usage, ExpectedShape::Object("usage");
    required {}
    optional {}
    /// The account's usage statistics.
    response r#"{"status": "ok", "usage": {"agents": {"last_30_days": 10, "today": 0}, "session_counts": {"last_30_days": 20, "now": 0, "today": 0}, "session_seconds": {"last_30_days": 5000, "today": 0}, "visitors": {"last_24_hrs": 50000, "online_now": 400}}}"#;
}
