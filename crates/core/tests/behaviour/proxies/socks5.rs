//! SOCKS5 proxies.

use std::io::{Read, Write};

use upscope::{Client, Config, ErrorCode};
use upscope_test_support::{ScriptedServer, serve_one};

use super::super::{CREATE, KEY, usage};
use super::client_with_proxy;

#[test]
fn the_proxy_looks_up_the_host_name() {
    let server = ScriptedServer::new([usage(), usage()]);
    let target = server.address();
    let (address, proxy) = serve_one(move |mut connection| {
        let mut greeting = [0; 2];
        connection.read_exact(&mut greeting).unwrap();
        connection.read_exact(&mut vec![0; greeting[1].into()]).unwrap();
        connection.write_all(&[5, 0]).unwrap();
        let mut request = [0; 5];
        connection.read_exact(&mut request).unwrap();
        let mut name = vec![0; request[4].into()];
        connection.read_exact(&mut name).unwrap();
        connection.read_exact(&mut [0; 2]).unwrap();
        connection.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        connection.tunnel_to(target);
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
fn a_proxy_that_rejects_the_request() {
    // The replies to the greeting and to the request.
    for (replies, part, retryable) in [
        (vec![vec![5u8, 0xff]], "user name and password", false),
        (vec![vec![5, 0], vec![5, 2, 0, 1, 0, 0, 0, 0, 0, 0]], "the proxy's rules", false),
        (vec![vec![5, 0], vec![5, 5, 0, 1, 0, 0, 0, 0, 0, 0]], "connection refused", true),
    ] {
        let (address, proxy) = serve_one(move |mut connection| {
            for reply in replies {
                let _ = connection.read(&mut [0; 300]).unwrap();
                connection.write_all(&reply).unwrap();
            }
            let _ = connection.read(&mut [0; 300]);
        });
        let client = client_with_proxy(&ScriptedServer::new([]), format!("socks5h://{address}"));
        let error = client.call(CREATE.0, CREATE.1).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
        assert!(error.message().contains(part), "{error:?}");
        assert_eq!((error.is_retryable(), error.may_have_applied()), (retryable, false), "{error:?}");
        proxy.join().unwrap();
    }
}
