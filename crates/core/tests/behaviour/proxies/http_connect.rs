//! HTTP proxies.

use std::io::Write;
use std::net::SocketAddr;
use std::thread::JoinHandle;

use upscope::ErrorCode;
use upscope_test_support::{RefusingAddress, ScriptedServer, serve_one};

use super::super::{CREATE, KEY, usage};
use super::client_with_proxy;

/// A proxy that responds to one CONNECT request with this status, and opens a tunnel if the status is 200. Returns the
/// address, and the thread, which returns the request.
fn connect_proxy(status: &'static str) -> (SocketAddr, JoinHandle<String>) {
    serve_one(move |mut connection| {
        let request = String::from_utf8(connection.read_request().unwrap()).unwrap();
        connection.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).unwrap();
        if status.starts_with("200") {
            connection.tunnel_to(request.split(' ').nth(1).unwrap().parse().unwrap());
        }
        request
    })
}

#[test]
fn a_tunnel_with_credentials() {
    let server = ScriptedServer::new([usage()]);
    let (address, proxy) = connect_proxy("200 OK");
    let client = client_with_proxy(&server, format!("http://user:p%40ss@{address}"));
    client.call("get_usage", "{}").unwrap();
    drop(client);
    let request = proxy.join().unwrap();
    assert!(request.starts_with(&format!("CONNECT {} HTTP/1.1\r\n", server.address())), "{request}");
    assert!(request.contains("Proxy-Authorization: Basic dXNlcjpwQHNz\r\n"), "{request}");
    assert!(!request.contains(KEY), "the proxy must not see the API key: {request}");
}

#[test]
fn a_proxy_that_rejects_the_request() {
    for (status, part, retryable) in [
        ("407 Proxy Authentication Required", "user name and password", false),
        ("401 Unauthorized", "user name and password", false),
        ("403 Filtered", "status 403", false),
        ("502 Bad Gateway", "status 502", true),
    ] {
        let server = ScriptedServer::new([]);
        let (address, proxy) = connect_proxy(status);
        let client = client_with_proxy(&server, format!("http://{address}"));
        let error = client.call(CREATE.0, CREATE.1).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
        assert!(error.message().contains(part), "{error:?}");
        assert_eq!((error.is_retryable(), error.may_have_applied()), (retryable, false), "{error:?}");
        proxy.join().unwrap();
    }
}

#[test]
fn a_proxy_that_refuses_connections() {
    let server = ScriptedServer::new([]);
    let refusing = RefusingAddress::new();
    let client = client_with_proxy(&server, format!("http://{}", refusing.address()));
    let error = client.call("get_usage", "{}").unwrap_err();
    assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
    assert!(error.message().contains("through the proxy"), "{error:?}");
}
