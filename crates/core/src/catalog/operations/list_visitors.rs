//! `GET /list`.

use crate::catalog::model::Visitor;
use crate::catalog::operation::{ExpectedShape, operation};
use crate::catalog::parameter::Kind;

operation! {
    /// Searches for visitors, or lists the latest ones.
    "GET" "/list" as list_visitors(ListVisitors) -> Vec<Visitor>, ExpectedShape::Array("visitors");
    required {}
    optional {
        /// What to search for: free text, an e-mail address, `online`, `-online`, `ip:1.1.1.1`, `id:` and a unique id, a four-digit lookup code, `#` and a tag, or `integration_id:`; the latest visitors when left out.
        Query search: String = Kind::Text => "0042", [positional];
        /// The most visitors to return, 1 to 10; the service's default is 10, and 1 is fastest.
        Query max_results: u32 = Kind::Integer { min: 1, max: 10 } => "1", default "10";
    }
    /// The visitors that match.
    answer r#"{"status": "ok", "visitors": [{"short_id": "1234", "lookup_code": "0042"}]}"#;
}
