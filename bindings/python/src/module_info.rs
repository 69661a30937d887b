//! What this build is, and what the core defines.

use pyo3::prelude::*;

use crate::models::{self, Model};

/// The package's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How the native module was built: profile and target.
#[pyfunction]
pub fn build_info() -> (&'static str, String) {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    (profile, format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS))
}

/// The core's operations, as JSON.
#[pyfunction]
pub fn operations_json() -> String {
    upscope::operation::operations_json()
}

/// The attributes of a class: (name, type, description).
#[pyfunction]
pub fn attributes(class: &str) -> Vec<(&'static str, String, &'static str)> {
    models::find(class).map(Model::describe_attributes).unwrap_or_default()
}

/// A clause that suggests the known name that is most similar to an unknown one.
#[pyfunction]
pub fn suggest(name: &str, known: Vec<String>) -> Option<String> {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    upscope::suggest(name, &known, str::to_owned)
}
