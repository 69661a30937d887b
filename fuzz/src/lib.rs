//! The code of the fuzz targets. `tests/fuzz_replay.rs` of the root package runs the corpora with it.

pub mod config_json;
pub mod expected_request;
pub mod header_values;
pub mod json_build;
pub mod json_get;
pub mod oracle;
pub mod request_json;
pub mod response_body;
pub mod webhook_body;

/// A target: the name of its corpus, and the function that processes an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("request_json", request_json::run),
    ("config_json", config_json::run),
    ("response_body", response_body::run),
    ("webhook_body", webhook_body::run),
    ("header_values", header_values::run),
    ("json_get", json_get::run),
    ("json_build", json_build::run),
];
