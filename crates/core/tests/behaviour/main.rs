//! The behaviour of the client over real sockets on loopback. Each folder has the tests of one subject.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod background_calls;
mod call_context;
mod cancellation;
mod closing;
mod connections;
mod deadlines;
mod http_messages;
mod pagination;
mod proxies;
mod requests;
mod responses;
mod retries;
mod secrets;
mod tls;

use upscope::{Client, Config};
use upscope_test_support::{Response, ScriptedServer};

const KEY: &str = "sk_live_planted_key_1234567890";

/// An operation that creates something, and its request.
const CREATE: (&str, &str) = ("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#);

/// A client without retries that ignores the proxy settings of the system.
fn client(server: &ScriptedServer) -> Client {
    client_with(server, |config| config)
}

fn client_with(server: &ScriptedServer, change: impl FnOnce(Config) -> Config) -> Client {
    let config = Config::new().api_key(KEY).base_url(server.base_url()).proxy("").max_retries(0);
    Client::new(change(config)).unwrap()
}

/// A good response to `get_usage`.
fn usage() -> Response {
    Response::json(200, r#"{"usage":{}}"#)
}
