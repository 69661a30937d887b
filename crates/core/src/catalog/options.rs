//! `options`: the settings of a single call, which every request accepts.

use serde_json::{Map, Value};

use crate::catalog::define::object;
use crate::catalog::parameter::{Location, Parameter, ParameterType};

/// The longest timeout of a call: a day.
pub(crate) const MAX_TIMEOUT_MS: u64 = 86_400_000;

/// The most retries of a call.
pub(crate) const MAX_RETRIES: u64 = 100;

object! {
    /// Settings of one call, which override those of the client.
    CallOptions;
    example r#"use upscope::CallOptions;
use upscope::operations::GetUsage;

let request = GetUsage::new().options(CallOptions::new().timeout_ms(5_000u64).max_retries(0u32));
assert_eq!(request.options.and_then(|options| options.timeout_ms), Some(5_000));"#;
    required {}
    optional {
        /// The time limit of the whole call in milliseconds: name lookup, connection, all attempts and the delays between them.
        timeout_ms: u64 = ParameterType::Integer { min: 1, max: MAX_TIMEOUT_MS } => "5000";
        /// How often a failed attempt may be retried.
        max_retries: u32 = ParameterType::Integer { min: 0, max: MAX_RETRIES } => "0";
        /// Query parameters that this library does not support yet: strings, numbers or booleans.
        extra_query: Map<String, Value> = ParameterType::FlatObject => r#"{"later": "1"}"#;
        /// Members of the JSON body that this library does not support yet.
        extra_body: Map<String, Value> = ParameterType::AnyObject => r#"{"later": 1}"#;
    }
}

/// The key `options`, which every request accepts.
pub static PARAMETER: &[Parameter] = &[Parameter {
    name: "options",
    doc: "Options for this call only.",
    required: false,
    location: Location::Member,
    parameter_type: ParameterType::Object(CallOptions::PARAMETERS),
}];
