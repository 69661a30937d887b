//! Records after the handshake.

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::ServerConfig;
use upscope_test_support::{Authority, Connection};

use super::super::CREATE;
use super::{client, server_after};

/// Responds to the first request with `start`, and then with a record that cannot be decrypted.
fn corrupts_the_response(
    config: Arc<ServerConfig>,
    start: &'static [u8],
) -> impl Fn(Connection) + Send + Sync + 'static {
    move |connection| {
        let mut connection = connection.start_tls(config.clone());
        assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
        connection.write_all(start).unwrap();
        let mut socket = connection.socket();
        socket.write_all(&[23, 3, 3, 0, 32]).unwrap();
        socket.write_all(&[7; 32]).unwrap();
        connection.wait_for_close();
    }
}

#[test]
fn a_record_that_cannot_be_decrypted_is_a_lost_connection() {
    let authority = Authority::new("ours");
    let config = || authority.server_config("127.0.0.1");
    for start in [&b""[..], b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"us"] {
        let server = server_after(&authority, corrupts_the_response(config(), start));
        client(server.address(), Some(authority.file())).call("get_usage", "{}").unwrap();
        let server = server_after(&authority, corrupts_the_response(config(), start));
        let error = client(server.address(), Some(authority.file())).call(CREATE.0, CREATE.1).unwrap_err();
        let facts = (error.attempts(), error.is_retryable(), error.may_have_applied());
        assert_eq!(facts, (1, false, true), "{error:?}");
        assert!(error.message().contains("a TLS record could not be decrypted while"), "{error:?}");
    }
}
