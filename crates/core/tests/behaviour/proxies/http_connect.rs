//! The way through a proxy, with a small one of the test's own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use upscope::{Client, Config, ErrorCode};

use super::KEY;
use super::scripted_server::{Answer, ScriptedServer};

/// Serves one connection; answers CONNECT with `status`, and for 200 with a tunnel. Tells the request it got.
fn connect_proxy(status: &'static str) -> (SocketAddr, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = thread::spawn(move || {
        let (mut near, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            near.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        near.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).unwrap();
        if status.starts_with("200") {
            let far = TcpStream::connect(head.split(' ').nth(1).unwrap()).unwrap();
            pump(near, far);
        }
        head
    });
    (address, proxy)
}

/// Copies both ways until either side ends.
fn pump(near: TcpStream, far: TcpStream) {
    let (mut near_in, mut far_out) = (near.try_clone().unwrap(), far.try_clone().unwrap());
    let up = thread::spawn(move || {
        let _ = std::io::copy(&mut near_in, &mut far_out);
        let _ = far_out.shutdown(std::net::Shutdown::Both);
    });
    let (mut near, mut far) = (near, far);
    let _ = std::io::copy(&mut far, &mut near);
    let _ = near.shutdown(std::net::Shutdown::Both);
    up.join().unwrap();
}

fn through(proxy: String, server: &ScriptedServer) -> Client {
    Client::new(Config::new().api_key(KEY).base_url(server.base_url()).max_retries(0).proxy(proxy)).unwrap()
}

#[test]
fn a_tunnel_with_credentials() {
    let server = ScriptedServer::new([Answer::json(200, r#"{"usage":{}}"#)]);
    let (address, proxy) = connect_proxy("200 OK");
    let client = through(format!("http://user:p%40ss@{address}"), &server);
    client.call("get_usage", "{}").unwrap();
    drop(client);
    let head = proxy.join().unwrap();
    assert!(head.starts_with(&format!("CONNECT {} HTTP/1.1\r\n", server.address())), "{head}");
    assert!(head.contains("Proxy-Authorization: Basic dXNlcjpwQHNz\r\n"), "{head}");
    assert!(!head.contains(KEY), "the key is for the service alone: {head}");
}

#[test]
fn a_proxy_that_refuses() {
    for (status, part, retryable) in [
        ("407 Proxy Authentication Required", "user name and password", false),
        ("401 Unauthorized", "user name and password", false),
        ("403 Filtered", "status 403", false),
        ("502 Bad Gateway", "status 502", true),
    ] {
        let server = ScriptedServer::new([]);
        let (address, proxy) = connect_proxy(status);
        let client = through(format!("http://{address}"), &server);
        let error = client.call("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
        assert!(error.message().contains(part), "{error:?}");
        assert_eq!((error.is_retryable(), error.may_have_applied()), (retryable, false), "{error:?}");
        proxy.join().unwrap();
    }
}

#[test]
fn a_proxy_that_is_not_there() {
    let server = ScriptedServer::new([]);
    let client = through("http://127.0.0.1:9".into(), &server);
    let error = client.call("get_usage", "{}").unwrap_err();
    assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
    assert!(error.message().contains("through the proxy"), "{error:?}");
}

#[test]
fn socks5_with_a_name_for_the_proxy_to_look_up() {
    let server = ScriptedServer::new([Answer::json(200, r#"{"usage":{}}"#), Answer::json(200, r#"{"usage":{}}"#)]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let target = server.address();
    let proxy = thread::spawn(move || {
        let (mut near, _) = listener.accept().unwrap();
        let mut greeting = [0; 2];
        near.read_exact(&mut greeting).unwrap();
        near.read_exact(&mut vec![0; greeting[1].into()]).unwrap();
        near.write_all(&[5, 0]).unwrap();
        let mut request = [0; 5];
        near.read_exact(&mut request).unwrap();
        let mut name = vec![0; request[4].into()];
        near.read_exact(&mut name).unwrap();
        near.read_exact(&mut [0; 2]).unwrap();
        near.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        pump(near, TcpStream::connect(target).unwrap());
        String::from_utf8(name).unwrap()
    });
    let config = Config::new().api_key(KEY).max_retries(0).proxy(format!("socks5h://{address}"));
    let client = Client::new(config.base_url(format!("http://desk.localhost:{}/v1.3", target.port()))).unwrap();
    client.call("get_usage", "{}").unwrap();
    client.call("get_usage", "{}").unwrap();
    drop(client);
    assert_eq!(proxy.join().unwrap(), "desk.localhost");
    assert_eq!(server.connections(), 1);
}

#[test]
fn socks5_that_refuses() {
    // After the greeting: the method it wants, or what it says to the request.
    for (answers, part, retryable) in [
        (vec![vec![5u8, 0xff]], "user name and password", false),
        (vec![vec![5, 0], vec![5, 2, 0, 1, 0, 0, 0, 0, 0, 0]], "the proxy's rules", false),
        (vec![vec![5, 0], vec![5, 5, 0, 1, 0, 0, 0, 0, 0, 0]], "connection refused", true),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = thread::spawn(move || {
            let (mut near, _) = listener.accept().unwrap();
            for answer in answers {
                let _ = near.read(&mut [0; 300]).unwrap();
                near.write_all(&answer).unwrap();
            }
            let _ = near.read(&mut [0; 300]);
        });
        let client = through(format!("socks5h://{address}"), &ScriptedServer::new([]));
        let error = client.call("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
        assert!(error.message().contains(part), "{error:?}");
        assert_eq!((error.is_retryable(), error.may_have_applied()), (retryable, false), "{error:?}");
        proxy.join().unwrap();
    }
}
