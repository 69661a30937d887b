//! Any request below the base URL: for what the service adds before this library does.

use serde_json::{Map, Value};

use crate::catalog::operation::{ExpectedShape, operation};
use crate::catalog::parameter::Kind;

operation! {
    /// Sends any request below the base URL, for what this library does not know yet.
    "{method}" "{path}" as request(Request) -> Value, ExpectedShape::Json;
    required {
        /// The HTTP method.
        Method method: String = Kind::OneOf(&["GET", "POST", "PUT", "PATCH", "DELETE"]) => "GET";
        /// The path below the base URL, such as `/usage`; percent-encoded already or not.
        WholePath path: String = Kind::Path => "/usage";
    }
    optional {
        /// Query parameters: strings, numbers or booleans.
        WholeQuery query: Map<String, Value> = Kind::FlatObject => r#"{"with_history": true}"#;
        /// The JSON body: any value.
        WholeBody body: Value = Kind::Any => r#"{"later": 1}"#;
    }
    /// Whatever the service answers; `{}` when the body is empty.
    answer r#"{"status": "ok"}"#;
}
