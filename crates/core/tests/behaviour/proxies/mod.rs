//! HTTP and SOCKS proxies. `tests/proxies_and_tls` has the tests with real proxies, and of the environment.

mod http_connect;
mod socks5;

use upscope::{Client, Config};
use upscope_test_support::ScriptedServer;

use super::KEY;

fn client_with_proxy(server: &ScriptedServer, proxy: String) -> Client {
    Client::new(Config::new().api_key(KEY).base_url(server.base_url()).max_retries(0).proxy(proxy)).unwrap()
}
