//! Makes a call in a separate process with its own environment. The process is this program again.

use std::process::Command;

use serde_json::Value;
use upscope::{Client, Config};

use super::{KEY, READ};

const RESULT_PREFIX: &str = "RESULT ";

/// Variables that the separate process does not inherit.
const CLEARED_VARIABLES: [&str; 13] = [
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

/// Makes one call with this configuration and environment. Returns the error object, or None if the call succeeds.
pub fn call(config: Value, environment: &[(&str, &str)]) -> Option<Value> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "subprocess::makes_one_call", "--ignored", "--nocapture"]);
    for name in CLEARED_VARIABLES {
        command.env_remove(name);
    }
    let output =
        command.env("PROXIES_AND_TLS_CONFIG", config.to_string()).envs(environment.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    // The test harness writes the name of the test before the result, without a line end.
    let result = text.lines().find_map(|line| line.split_once(RESULT_PREFIX)).unwrap_or_else(|| panic!("{text}")).1;
    assert!(!text.contains(KEY), "{text}");
    let error: Value = serde_json::from_str(result).unwrap();
    (!error.is_null()).then(|| error["error"].clone())
}

#[test]
#[ignore = "the other tests run it"]
fn makes_one_call() {
    let mut config: Value = serde_json::from_str(&std::env::var("PROXIES_AND_TLS_CONFIG").unwrap()).unwrap();
    config["api_key"] = KEY.into();
    config["max_retries"] = 0.into();
    let client = Client::new(Config::from_json(&config.to_string()).unwrap());
    let error = client.and_then(|client| client.call(READ.0, READ.1)).err();
    println!("{RESULT_PREFIX}{}", error.map_or("null".to_owned(), |error| error.to_json()));
}
