//! The API server, with and without TLS, and behind a proxy that inspects TLS.

use std::io::Write;

use upscope_test_support::{Authority, Response, ScriptedServer, ScriptedServerBuilder};

/// A server without TLS.
pub fn http() -> ScriptedServer {
    server().start()
}

/// A server with TLS and a certificate for `name`.
pub fn https(authority: &Authority, name: &str) -> ScriptedServer {
    server().tls(authority.server_config(name)).start()
}

/// A proxy that responds in place of the requested server, with a certificate for `name` from its own authority.
pub fn inspecting_proxy(authority: &Authority, name: &str) -> ScriptedServer {
    server()
        .tls(authority.server_config(name))
        .on_accept(|_, mut connection| {
            let request = connection.read_request()?;
            assert!(request.starts_with(b"CONNECT "), "{}", String::from_utf8_lossy(&request));
            connection.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
            Some(connection)
        })
        .start()
}

fn server() -> ScriptedServerBuilder {
    ScriptedServer::builder().responses([Response::json(200, r#"{"usage":{}}"#)]).repeat_last()
}
