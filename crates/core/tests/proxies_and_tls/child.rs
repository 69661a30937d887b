//! A call from a process with an environment of its own: this program, started again.

use std::process::Command;

use serde_json::Value;
use upscope::{Client, Config};

use super::{KEY, READ};

const MARK: &str = "OUTCOME ";

/// Not to be inherited by a call whose environment is the test.
const CLEARED: [&str; 13] = [
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "REQUEST_METHOD",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "UPSCOPE_API_KEY",
    "UPSCOPE_BASE_URL",
];

/// Reads once with this configuration and environment. The error object, or None where an answer came.
pub fn call(config: Value, environment: &[(&str, &str)]) -> Option<Value> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child::makes_one_call", "--ignored", "--nocapture"]);
    for name in CLEARED {
        command.env_remove(name);
    }
    let output = command.env("WAYS_OUT_CONFIG", config.to_string()).envs(environment.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    // The harness writes the test's name before it, without an end of line.
    let outcome = text.lines().find_map(|line| line.split_once(MARK)).unwrap_or_else(|| panic!("{text}")).1;
    assert!(!text.contains(KEY), "{text}");
    let error: Value = serde_json::from_str(outcome).unwrap();
    (!error.is_null()).then(|| error["error"].clone())
}

#[test]
#[ignore = "started by the other tests"]
fn makes_one_call() {
    let mut config: Value = serde_json::from_str(&std::env::var("WAYS_OUT_CONFIG").unwrap()).unwrap();
    config["api_key"] = KEY.into();
    config["max_retries"] = 0.into();
    let client = Client::new(Config::from_json(&config.to_string()).unwrap());
    let error = client.and_then(|client| client.call(READ.0, READ.1)).err();
    println!("{MARK}{}", error.map_or("null".to_owned(), |error| error.to_json()));
}
