//! `DELETE /visitors?all=true`.

use crate::catalog::model::Done;
use crate::catalog::operation::{Promise, operation};
use crate::catalog::parameter::Kind;

operation! {
    /// Deletes every visitor of the account who is not online.
    ///
    /// The service may take some minutes to finish after it has answered.
    "DELETE" "/visitors" as delete_all_visitors(DeleteAllVisitors) -> Done, Promise::Done;
    required {
        /// true, to confirm that all are meant.
        Query all: bool = Kind::True => "true";
    }
    optional {}
    /// A JSON object; `{}` when the service sends none.
    answer r#"{"status": "ok"}"#;
}
