//! The way out against real programs on loopback: tinyproxy, microsocks, OpenSSL. `scripts/test-proxies.sh` runs it.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/certificates.rs"]
mod certificates;

mod child;
mod environment;
mod http_proxy;
mod inspection;
mod programs;
mod refusals;
mod service;
mod socks;
mod versions;

use std::time::Duration;

use upscope::{Client, Config, Error, ErrorCode};

const KEY: &str = "sk_live_planted_key_1234567890";
const READ: (&str, &str) = ("get_usage", "{}");
const CREATE: (&str, &str) = ("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#);

/// A client that is told everything, so that the machine's environment does not count.
fn client(url: &str, proxy: &str, change: impl FnOnce(Config) -> Config) -> Client {
    let config = Config::new().api_key(KEY).base_url(url).proxy(proxy).max_retries(2).timeout(Duration::from_secs(10));
    Client::new(change(config)).unwrap()
}

/// The error of a call that reached nobody and must not be tried again.
fn refused_for_good(client: &Client) -> Error {
    let error = client.call(CREATE.0, CREATE.1).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
    let told = (error.attempts(), error.is_retryable(), error.may_have_applied());
    assert_eq!(told, (1, false, false), "{error:?}");
    assert!(!format!("{error:?}").contains(KEY), "{error:?}");
    error
}
