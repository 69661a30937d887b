//! `DELETE /visitors?all=true`.

use crate::catalog::model::Done;
use crate::catalog::operation::{ExpectedShape, operation};
use crate::catalog::parameter::Kind;

operation! {
    /// Deletes every visitor of the account who is not online.
    ///
    /// The service may take some minutes to finish after it has answered.
    "DELETE" "/visitors" as delete_all_visitors(DeleteAllVisitors) -> Done, ExpectedShape::Nothing;
    required {
        /// true, to confirm that all are meant.
        Query all: bool = Kind::True => "true";
    }
    optional {}
    /// A JSON object; `{}` when the service sends none.
    answer r#"{"status": "ok"}"#;
}
