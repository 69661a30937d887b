//! `PUT /visitors/{visitor_id}/name`: exists only in the test that adds an operation.

use serde_json::{Map, Value};

use crate::catalog::define::{ExpectedShape, ParameterType, object, operation};
use crate::catalog::model::Visitor;

object! {
    /// The person who renames a visitor.
    Renamer;
    example r#"use upscope::operations::Renamer;

let renamer = Renamer::new("7").is_agent(true);
assert_eq!(renamer.id, "7");"#;
    required {
        /// The person's id.
        id: String = ParameterType::NonEmptyText => "7";
    }
    optional {
        /// Whether the person is an agent.
        is_agent: bool = ParameterType::Boolean => "true", default "false";
    }
}

operation! {
    /// Renames a visitor.
    ///
    /// The service does not have this operation.
    "PUT" "/visitors/{visitor_id}/name" as rename_visitor(RenameVisitor) -> Visitor, ExpectedShape::Object("visitor");
    required {
        /// The visitor's short id.
        Path visitor_id: String = ParameterType::PathSegment => "1234";
        /// The new name.
        Body name: String = ParameterType::NonEmptyText => "Ann Lee";
        /// The person who renames the visitor.
        Body renamer: Renamer = ParameterType::Object(Renamer::PARAMETERS);
    }
    optional {
        /// The reason.
        Body reason: String = ParameterType::Text => "She asked for it.";
        /// Whether the visitor is notified.
        Body notify_visitor: bool = ParameterType::Boolean => "false";
        /// The number of former names to keep.
        Body keep: u32 = ParameterType::Integer { min: 1, max: 9 } => "3", default "1";
        /// Data to store with the change.
        Body metadata: Map<String, Value> = ParameterType::FlatObject => r#"{"ticket": "T-1"}"#;
    }
    /// The renamed visitor.
    response r#"{"status": "ok", "visitor": {"short_id": "1234", "name": "Ann Lee"}}"#;
    errors {
        404 "The visitor does not exist.";
    }
}
