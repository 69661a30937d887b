//! `GET /list`.

use crate::catalog::define::{ExpectedShape, ParameterType, operation};
use crate::catalog::model::Visitor;

operation! {
    /// Searches for visitors, or lists the latest ones.
    "GET" "/list" as list_visitors(ListVisitors) -> Vec<Visitor>, ExpectedShape::Array("visitors");
    required {}
    optional {
        /// What to search for: free text, an e-mail address, `online`, `-online`, `ip:1.1.1.1`, `id:` and a unique id, a four-digit lookup code, `#` and a tag, or `integration_id:`. By default, the latest visitors.
        Query search: String = ParameterType::Text => "0042", [positional];
        /// The maximum number of visitors, 1 to 10; the service's default is 10, and 1 is fastest.
        Query max_results: u32 = ParameterType::Integer { min: 1, max: 10 } => "1", default "10";
    }
    /// The matching visitors.
    response r#"{"status": "ok", "visitors": [{"short_id": "1234", "lookup_code": "0042"}]}"#;
}
