//! `PUT /visitors/{visitor_id}/name`: made up, for the test that adds an operation.

use serde_json::{Map, Value};

use crate::catalog::define::{ExpectedShape, ParameterType, object, operation};
use crate::catalog::model::Visitor;

object! {
    /// Who renames.
    Renamer;
    required {
        /// Their id.
        id: String = ParameterType::NonEmptyText => "7";
    }
    optional {
        /// Whether they are an agent.
        is_agent: bool = ParameterType::Boolean => "true", default "false";
    }
}

operation! {
    /// Renames a visitor.
    ///
    /// The service does not know this operation.
    "PUT" "/visitors/{visitor_id}/name" as rename_visitor(RenameVisitor) -> Visitor, ExpectedShape::Object("visitor");
    required {
        /// The visitor's short id.
        Path visitor_id: String = ParameterType::PathSegment => "1234";
        /// The new name.
        Body name: String = ParameterType::NonEmptyText => "Ann Lee";
        /// Who renames.
        Body renamer: Renamer = ParameterType::Object(Renamer::PARAMETERS);
    }
    optional {
        /// Why.
        Body reason: String = ParameterType::Text => "She asked for it.";
        /// Whether the visitor is told.
        Body tell_visitor: bool = ParameterType::Boolean => "false";
        /// How many former names are kept.
        Body keep: u32 = ParameterType::Integer { min: 1, max: 9 } => "3", default "1";
        /// Kept with the record.
        Body metadata: Map<String, Value> = ParameterType::FlatObject => r#"{"ticket": "T-1"}"#;
    }
    /// The renamed visitor.
    response r#"{"status": "ok", "visitor": {"short_id": "1234", "name": "Ann Lee"}}"#;
    errors {
        404 "The visitor does not exist.";
    }
}
