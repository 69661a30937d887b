//! `DELETE /visitors/{visitor_id}`.

use crate::catalog::model::Done;
use crate::catalog::operation::{ExpectedShape, operation};
use crate::catalog::parameter::Kind;

operation! {
    /// Deletes one visitor who is not online.
    ///
    /// A visitor who is online is refused as `conflict`.
    "DELETE" "/visitors/{visitor_id}" as delete_visitor(DeleteVisitor) -> Done, ExpectedShape::Nothing;
    required {
        /// The visitor's short id.
        Path visitor_id: String = Kind::Segment => "1234";
    }
    optional {}
    /// A JSON object; `{}` when the service sends none.
    answer r#"{"status": "ok"}"#;
    refused {
        404 "The visitor does not exist.";
        409 "The visitor is online.";
    }
}
