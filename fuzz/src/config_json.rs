//! Fuzzes the configuration of a client as JSON.

use serde_json::Value;
use upscope_core::{Client, Config};

use super::oracle::invalid_argument;

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let config = match Config::from_json(text) {
        Ok(config) => config,
        Err(error) => return invalid_argument(&error),
    };
    // The debug output must not depend on the secrets.
    let given: Value = serde_json::from_str(text).unwrap_or_default();
    let mut other = config.clone();
    if given["api_key"].is_string() {
        other = other.api_key("another");
    }
    if given["proxy"].is_string() {
        other = other.proxy("http://another");
    }
    assert_eq!(format!("{config:?}"), format!("{other:?}"));
    // A client reads `ca_file` at once. A fuzzer must not choose which file is read.
    if given.is_object() && given["ca_file"].is_null() {
        // Ignores the environment of this process.
        let config = if given["proxy"].is_null() { config.proxy("") } else { config };
        let config = if given["base_url"].is_null() { config.base_url("https://service.example") } else { config };
        if let Err(error) = Client::new(config) {
            invalid_argument(&error);
        }
    }
}
