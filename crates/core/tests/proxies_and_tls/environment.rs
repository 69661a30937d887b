//! Which proxy is taken, and when none: the configuration's word, then the environment's, as in curl.

use std::net::SocketAddr;

use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};

use super::certificates::Authority;
use super::child;
use super::programs::{microsocks, tinyproxy};
use super::service::{http, https};

/// A proxy that is not there: who takes it fails, and says so.
struct Nobody {
    _bound: Socket,
    url: String,
}

fn nobody() -> Nobody {
    // Bound, so that nobody else gets the port, and not listening.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap().as_socket().unwrap());
    Nobody { _bound: socket, url }
}

/// Whether the call went through a proxy that is not there.
fn took_the_proxy(config: Value, environment: &[(&str, &str)]) -> bool {
    match child::call(config, environment) {
        None => false,
        Some(error) => {
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("through the proxy"), "{error}");
            true
        }
    }
}

#[test]
fn proxies_of_the_environment() {
    let authority = Authority::new("ours");
    let (tiny, socks) = (tinyproxy(""), microsocks(None));
    let (plain, secure) = (http(), https(&authority, "127.0.0.1"));
    let plain_config = json!({"base_url": format!("http://{plain}/v1.3")});
    let secure_config = json!({"base_url": format!("https://{secure}/v1.3"), "ca_file": authority.file()});
    let tiny_url = format!("http://{}", tiny.address);
    let socks_url = format!("socks5h://{}", socks.address);
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let before = tiny.output().matches("CONNECT 127").count();
        assert_eq!(child::call(secure_config.clone(), &[(name, &tiny_url)]), None, "{name}");
        assert!(tiny.output().matches("CONNECT 127").count() > before, "{name}");
    }
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        let before = socks.output().matches("connected to").count();
        assert_eq!(child::call(plain_config.clone(), &[(name, &socks_url)]), None, "{name}");
        assert!(socks.output().matches("connected to").count() > before, "{name}");
    }
}

#[test]
fn precedence() {
    let (service, nobody, tiny) = (http(), nobody(), tinyproxy(""));
    let there = format!("http://{}", tiny.address);
    let gone = nobody.url.as_str();
    let with = |proxy: Option<&str>| json!({"base_url": format!("http://{service}/v1.3"), "proxy": proxy});
    for (configured, environment, taken) in [
        // The configuration's word counts first.
        (Some(gone), &[("http_proxy", there.as_str())][..], true),
        (Some(there.as_str()), &[("http_proxy", gone), ("NO_PROXY", "nothing.example")], false),
        (Some(""), &[("http_proxy", gone), ("ALL_PROXY", gone)], false),
        // And is not withdrawn by the environment.
        (Some(gone), &[("NO_PROXY", "*")], true),
        // Lower case before upper case, the scheme's own before the one for all.
        (None, &[("http_proxy", gone), ("HTTP_PROXY", there.as_str())], true),
        (None, &[("http_proxy", there.as_str()), ("HTTP_PROXY", gone)], false),
        (None, &[("HTTP_PROXY", there.as_str()), ("all_proxy", gone)], false),
        (None, &[("all_proxy", gone), ("ALL_PROXY", there.as_str())], true),
        (None, &[("no_proxy", "127.0.0.1"), ("NO_PROXY", "other"), ("http_proxy", gone)], false),
        (None, &[("no_proxy", "other"), ("NO_PROXY", "127.0.0.1"), ("http_proxy", gone)], true),
        // Not for this scheme, empty, or from a request's header in a CGI program.
        (None, &[("HTTPS_PROXY", gone), ("https_proxy", gone)], false),
        (None, &[("http_proxy", ""), ("HTTP_PROXY", "")], false),
        (None, &[("HTTP_PROXY", gone), ("REQUEST_METHOD", "GET")], false),
        (None, &[("http_proxy", gone), ("REQUEST_METHOD", "GET")], true),
    ] {
        assert_eq!(took_the_proxy(with(configured), environment), taken, "{configured:?} {environment:?}");
    }
}

#[test]
fn exceptions() {
    let (service, nobody) = (http(), nobody());
    for (host, list, taken) in [
        ("127.0.0.1", "", true),
        ("127.0.0.1", "*", false),
        ("127.0.0.1", "127.0.0.1", false),
        ("127.0.0.1", "example.com, 127.0.0.1 ,other", false),
        ("127.0.0.1", "127.0.0.0/8", false),
        ("127.0.0.1", "127.0.1.0/24", true),
        ("127.0.0.1", "localhost", true),
        ("127.0.0.1", "0.0.1", true),
        ("localhost", "localhost", false),
        ("localhost", "LOCALHOST", false),
        ("localhost", ".localhost", false),
        ("localhost", "host", true),
        ("localhost", "127.0.0.1", true),
    ] {
        let config = json!({"base_url": format!("http://{host}:{}/v1.3", service.port())});
        let environment = [("http_proxy", nobody.url.as_str()), ("NO_PROXY", list)];
        assert_eq!(took_the_proxy(config, &environment), taken, "{host} with {list:?}");
    }
}
