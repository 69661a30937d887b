//! Any request below the base URL, for operations that this library does not support yet.

use serde_json::{Map, Value};

use crate::catalog::define::{ExpectedShape, ParameterType, operation};

operation! {
    /// Sends any request below the base URL, for operations that this library does not support yet.
    "{method}" "{path}" as request(Request) -> Value, ExpectedShape::Json;
    required {
        /// The HTTP method.
        Method method: String = ParameterType::OneOf(&["GET", "POST", "PUT", "PATCH", "DELETE"]) => "GET";
        /// The path below the base URL, such as `/usage`, percent-encoded or not.
        RawPath path: String = ParameterType::Path => "/usage";
    }
    optional {
        /// Query parameters: strings, numbers or booleans.
        RawQuery query: Map<String, Value> = ParameterType::FlatObject => r#"{"with_history": true}"#;
        /// The JSON body: any value.
        RawBody body: Value = ParameterType::Any => r#"{"later": 1}"#;
    }
    /// The JSON of the service; `{}` if the body is empty.
    response r#"{"status": "ok"}"#;
}
