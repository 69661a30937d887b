//! `DELETE /visitors/{visitor_id}/session`.

use crate::catalog::model::Done;
use crate::catalog::operation::{ExpectedShape, operation};
use crate::catalog::parameter::Kind;

operation! {
    /// Stops the visitor's active session.
    "DELETE" "/visitors/{visitor_id}/session" as stop_session(StopSession) -> Done, ExpectedShape::Nothing;
    required {
        /// The visitor's short id.
        Path visitor_id: String = Kind::Segment => "1234";
    }
    optional {}
    /// A JSON object; `{}` when the service sends none.
    answer r#"{"status": "ok"}"#;
    refused {
        404 "The visitor does not exist.";
    }
}
