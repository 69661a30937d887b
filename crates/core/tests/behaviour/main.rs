//! The client against real sockets on loopback.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../../tests/support/scripted_server.rs"]
mod scripted_server;

#[path = "../support/certificates.rs"]
mod certificates;

mod cancel;
mod connections;
mod deadline;
mod failures;
mod http;
mod pages;
mod pending;
mod proxy;
mod retries;
mod secrets;
mod statuses;
mod tls;
mod typed;

use scripted_server::ScriptedServer;
use upscope::{Client, Config};

pub const KEY: &str = "sk_live_planted_key_1234567890";

/// A client that retries nothing and uses no proxy of the machine's.
pub fn client(server: &ScriptedServer) -> Client {
    configured(server, |config| config)
}

pub fn configured(server: &ScriptedServer, change: impl FnOnce(Config) -> Config) -> Client {
    let config = Config::new().api_key(KEY).base_url(server.base_url()).proxy("").max_retries(0);
    Client::new(change(config)).unwrap()
}
