//! `GET /visitors/{visitor_id}`.

use crate::catalog::model::Visitor;
use crate::catalog::operation::{ExpectedShape, operation};
use crate::catalog::parameter::Kind;

operation! {
    /// Retrieves one visitor.
    "GET" "/visitors/{visitor_id}" as get_visitor(GetVisitor) -> Visitor, ExpectedShape::Object("visitor");
    required {
        /// The visitor's short id.
        Path visitor_id: String = Kind::Segment => "1234";
    }
    optional {}
    /// The visitor.
    answer r#"{"status": "ok", "visitor": {"short_id": "1234", "name": "Ann Lee", "is_online": true, "sessions": []}}"#;
    refused {
        404 "The visitor does not exist.";
    }
}
