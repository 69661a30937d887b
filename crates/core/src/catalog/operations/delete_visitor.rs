//! `DELETE /visitors/{visitor_id}`.

use crate::catalog::define::{ExpectedShape, ParameterType, operation};
use crate::catalog::model::Done;

operation! {
    /// Deletes one visitor who is not online.
    ///
    /// The error for a visitor who is online is `conflict`.
    "DELETE" "/visitors/{visitor_id}" as delete_visitor(DeleteVisitor) -> Done, ExpectedShape::Nothing;
    required {
        /// The visitor's short id.
        Path visitor_id: String = ParameterType::PathSegment => "1234";
    }
    optional {}
    /// A JSON object; `{}` if the service sends none.
    response r#"{"status": "ok"}"#;
    errors {
        404 "The visitor does not exist.";
        409 "The visitor is online.";
    }
}
