//! Shortages of descriptors, memory, look-ups and threads, before, during and after a client's first call: the call that
//! meets one names it, and later calls work as if it had never been.
//!
//! Each test runs in a process of its own, whose limits are its own. Its services run in the test's first process.

#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../../tests/support/scripted_server.rs"]
mod scripted_server;

#[path = "../support/certificates.rs"]
mod certificates;

mod child;
mod descriptors;
mod interposed;
mod limits;
mod look_ups;
mod memory;
mod threads;

use upscope::{Client, Config, Error, ErrorCode};

pub const KEY: &str = "sk_live_planted_key_1234567890";

/// A client that retries nothing and uses no proxy of the machine's.
pub fn client(base_url: &str) -> Client {
    configured(base_url, |config| config)
}

pub fn configured(base_url: &str, change: impl FnOnce(Config) -> Config) -> Client {
    let config = Config::new().api_key(KEY).base_url(base_url).proxy("").allow_http(true).max_retries(0);
    Client::new(change(config)).unwrap()
}

pub fn get(client: &Client) -> Result<String, Error> {
    client.call("get_usage", "{}")
}

/// Checks that a call failed of a shortage with this name, and says that it may be made again.
pub fn assert_named(error: &Error, name: &str) {
    assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
    assert!(error.message().contains(name), "{name}: {error:?}");
    assert!(error.is_retryable() && !error.may_have_applied(), "{error:?}");
}
