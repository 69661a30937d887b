//! `DELETE /visitors?all=true`.

use crate::catalog::define::{ExpectedShape, ParameterType, operation};
use crate::catalog::model::Done;

operation! {
    /// Deletes every visitor of the account who is not online.
    ///
    /// The service may need some minutes to finish after its response.
    "DELETE" "/visitors" as delete_all_visitors(DeleteAllVisitors) -> Done, ExpectedShape::Nothing;
    required {
        /// true, to confirm that all visitors are meant.
        Query all: bool = ParameterType::True => "true";
    }
    optional {}
    /// A JSON object; `{}` if the service sends none.
    response r#"{"status": "ok"}"#;
}
