//! TLS with certificates that the tests issue. `tests/proxies_and_tls` has the tests with OpenSSL.

mod certificates;
mod handshake;
mod records;

use std::net::SocketAddr;
use std::path::PathBuf;

use upscope::{Client, Config};
use upscope_test_support::{Authority, Connection, ScriptedServer};

use super::{KEY, usage};

/// A client with retries.
fn client(address: SocketAddr, ca_file: Option<PathBuf>) -> Client {
    let mut config = Config::new().api_key(KEY).base_url(format!("https://{address}")).proxy("").max_retries(2);
    if let Some(path) = ca_file {
        config = config.ca_file(path);
    }
    Client::new(config).unwrap()
}

/// A server that runs `serve` on its first connection, and responds over TLS on all others.
fn server_after(authority: &Authority, serve: impl Fn(Connection) + Send + Sync + 'static) -> ScriptedServer {
    let on_accept = move |number, connection| {
        if number == 0 {
            serve(connection);
            return None;
        }
        Some(connection)
    };
    let tls = authority.server_config("127.0.0.1");
    ScriptedServer::builder().tls(tls).on_accept(on_accept).responses([usage()]).repeat_last().start()
}
