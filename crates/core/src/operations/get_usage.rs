//! `GET /usage`.

use crate::model::Usage;
use crate::operation::{Promise, operation};

operation! {
    /// Retrieves the account's usage statistics.
    "GET" "/usage" as get_usage(GetUsage) -> Usage, Promise::Object("usage");
    required {}
    optional {}
}
