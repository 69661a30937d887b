//! `PUT /visitors/{visitor_id}/name`: exists only in the test that adds an operation.

use serde_json::{Map, Value};

use crate::catalog::model::Visitor;
use crate::catalog::operation::{ExpectedShape, object, operation};
use crate::catalog::parameter::Kind;

object! {
    /// The person who renames a visitor.
    Renamer;
    required {
        /// The person's id.
        id: String = Kind::NonEmptyText => "7";
    }
    optional {
        /// Whether the person is an agent.
        is_agent: bool = Kind::Boolean => "true", default "false";
    }
}

operation! {
    /// Renames a visitor.
    ///
    /// The service does not have this operation.
    "PUT" "/visitors/{visitor_id}/name" as rename_visitor(RenameVisitor) -> Visitor, ExpectedShape::Object("visitor");
    required {
        /// The visitor's short id.
        Path visitor_id: String = Kind::Segment => "1234";
        /// The new name.
        Body name: String = Kind::NonEmptyText => "Ann Lee";
        /// The person who renames the visitor.
        Body renamer: Renamer = Kind::Object(Renamer::PARAMETERS);
    }
    optional {
        /// The reason.
        Body reason: String = Kind::Text => "She asked for it.";
        /// Whether the visitor is notified.
        Body notify_visitor: bool = Kind::Boolean => "false";
        /// The number of former names to keep.
        Body keep: u32 = Kind::Integer { min: 1, max: 9 } => "3", default "1";
        /// Data to store with the change.
        Body metadata: Map<String, Value> = Kind::FlatObject => r#"{"ticket": "T-1"}"#;
    }
    /// The renamed visitor.
    answer r#"{"status": "ok", "visitor": {"short_id": "1234", "name": "Ann Lee"}}"#;
    refused {
        404 "The visitor does not exist.";
    }
}
