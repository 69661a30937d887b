//! Too few file descriptors, too little memory, too many lookups or threads, before, during and after the first call of a
//! client: the affected call reports the shortage, and later calls work.
//!
//! Each test runs its calls in a separate process, whose limits it changes. The servers stay in the first process.

#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod descriptors;
mod interposed;
mod limits;
mod lookups;
mod memory;
mod subprocess;
mod threads;

use upscope::{Client, Config, Error, ErrorCode};

pub const KEY: &str = "sk_live_planted_key_1234567890";

/// A client without retries that ignores the proxy settings of the system.
pub fn client(base_url: &str) -> Client {
    client_with(base_url, |config| config)
}

pub fn client_with(base_url: &str, change: impl FnOnce(Config) -> Config) -> Client {
    let config = Config::new().api_key(KEY).base_url(base_url).proxy("").allow_http(true).max_retries(0);
    Client::new(change(config)).unwrap()
}

/// Makes a call that reads.
pub fn get_usage(client: &Client) -> Result<String, Error> {
    client.call("get_usage", "{}")
}

/// Checks that a call failed because of this shortage, and that the error allows to repeat it.
pub fn assert_shortage(error: &Error, name: &str) {
    assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
    assert!(error.message().contains(name), "{name}: {error:?}");
    assert!(error.is_retryable() && !error.may_have_applied(), "{error:?}");
}
