//! `DELETE /visitors/{visitor_id}/session`.

use crate::catalog::define::{ExpectedShape, ParameterType, operation};
use crate::catalog::model::Done;

operation! {
    /// Stops the visitor's active session.
    "DELETE" "/visitors/{visitor_id}/session" as stop_session(StopSession) -> Done, ExpectedShape::Nothing;
    required {
        /// The visitor's short id.
        Path visitor_id: String = ParameterType::PathSegment => "1234";
    }
    optional {}
    /// A JSON object; `{}` if the service sends none.
    response r#"{"status": "ok"}"#;
    errors {
        404 "The visitor does not exist.";
    }
}
