//! The service, with and without TLS, and behind a proxy that looks into TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use super::certificates::{Authority, answer_all, answer_within_tls};

/// Serves `https://{name}` until the test ends.
pub fn https(authority: &Authority, name: &str) -> SocketAddr {
    let config = authority.server(name, |_| {});
    listen(move |stream| answer_within_tls(stream, config.clone()))
}

/// Serves plain `http`.
pub fn http() -> SocketAddr {
    listen(answer_all)
}

/// A proxy that answers in the name of whatever it is asked to connect to, with a certificate of its own authority.
pub fn inspecting_proxy(authority: &Authority, name: &str) -> SocketAddr {
    let config = authority.server(name, |_| {});
    listen(move |mut stream| {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_exact(&mut byte).is_err() {
                return;
            }
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"CONNECT "), "{}", String::from_utf8_lossy(&head));
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        answer_within_tls(stream, config.clone());
    })
}

fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream.unwrap()));
        }
    });
    address
}
