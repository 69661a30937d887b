//! `GET /visitors/{visitor_id}`.

use crate::catalog::define::{ExpectedShape, ParameterType, operation};
use crate::catalog::model::Visitor;

operation! {
    /// Retrieves one visitor.
    "GET" "/visitors/{visitor_id}" as get_visitor(GetVisitor) -> Visitor, ExpectedShape::Object("visitor");
    required {
        /// The visitor's short id.
        Path visitor_id: String = ParameterType::PathSegment => "1234";
    }
    optional {}
    /// The visitor.
    response r#"{"status": "ok", "visitor": {"short_id": "1234", "name": "Ann Lee", "is_online": true, "sessions": []}}"#;
    errors {
        404 "The visitor does not exist.";
    }
}
