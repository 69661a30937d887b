//! `options`: what any request may carry for its own call alone.

use serde_json::{Map, Value};

use crate::catalog::operation::object;
use crate::catalog::parameter::{Kind, Parameter, Place};

/// Longest time a call may be given: a day.
pub(crate) const MAX_TIMEOUT_MS: u64 = 86_400_000;

/// Most retries a call may be given.
pub(crate) const MAX_RETRIES: u64 = 100;

object! {
    /// Settings of one call, over those of its client.
    CallOptions;
    required {}
    optional {
        /// The whole call's time in milliseconds: name look-up, connection, every attempt and the waits between them.
        timeout_ms: u64 = Kind::Integer { min: 1, max: MAX_TIMEOUT_MS } => "5000";
        /// How often a failed attempt may be repeated.
        max_retries: u32 = Kind::Integer { min: 0, max: MAX_RETRIES } => "0";
        /// Query parameters that this library does not know yet: strings, numbers or booleans.
        extra_query: Map<String, Value> = Kind::FlatObject => r#"{"later": "1"}"#;
        /// Members of the JSON body that this library does not know yet.
        extra_body: Map<String, Value> = Kind::AnyObject => r#"{"later": 1}"#;
    }
}

/// The key under which every request takes them.
pub(crate) static PARAMETER: &[Parameter] = &[Parameter {
    name: "options",
    doc: "Options for this call only.",
    required: false,
    place: Place::Member,
    kind: Kind::Object(CallOptions::PARAMETERS),
}];
