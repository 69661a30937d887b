//! Proxies and TLS servers that are real programs on loopback: tinyproxy, microsocks and OpenSSL.
//! `scripts/test-proxies.sh` runs these tests. See `tests/behaviour` for tests of proxies and TLS without them.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod certificates;
mod environment;
mod http_proxy;
mod programs;
mod servers;
mod socks_proxy;
mod subprocess;
mod tls_inspection;
mod tls_versions;

use std::time::Duration;

use upscope::{Client, Config, Error, ErrorCode};

const KEY: &str = "sk_live_planted_key_1234567890";
const READ: (&str, &str) = ("get_usage", "{}");
const CREATE: (&str, &str) = ("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#);

/// A client that sets every option which the environment could set.
fn client(url: &str, proxy: &str, change: impl FnOnce(Config) -> Config) -> Client {
    let config = Config::new().api_key(KEY).base_url(url).proxy(proxy).max_retries(2).timeout(Duration::from_secs(10));
    Client::new(change(config)).unwrap()
}

/// The error of a call that reached no server and that the library must not retry.
fn permanent_error(client: &Client) -> Error {
    let error = client.call(CREATE.0, CREATE.1).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
    let facts = (error.attempts(), error.is_retryable(), error.may_have_applied());
    assert_eq!(facts, (1, false, false), "{error:?}");
    assert!(!format!("{error:?}").contains(KEY), "{error:?}");
    error
}
