//! The choice of a proxy: the configuration takes precedence over the environment, whose variables work as in curl.

use serde_json::{Value, json};
use upscope_test_support::{Authority, RefusingAddress};

use super::programs::{microsocks, tinyproxy};
use super::servers::{http, https};
use super::subprocess;

/// A proxy that refuses connections: a call through it fails and reports the proxy.
fn refusing_proxy() -> (RefusingAddress, String) {
    let address = RefusingAddress::new();
    let url = format!("http://{}", address.address());
    (address, url)
}

/// Whether the call tried to use a proxy that refuses connections.
fn uses_refusing_proxy(config: Value, environment: &[(&str, &str)]) -> bool {
    match subprocess::call(config, environment) {
        None => false,
        Some(error) => {
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("through the proxy"), "{error}");
            true
        }
    }
}

#[test]
fn proxies_from_the_environment() {
    let authority = Authority::new("ours");
    let (tiny, socks) = (tinyproxy(""), microsocks(None));
    let (plain, secure) = (http(), https(&authority, "127.0.0.1"));
    let plain_config = json!({"base_url": plain.base_url()});
    let secure_config = json!({"base_url": secure.base_url(), "ca_file": authority.file()});
    let tiny_url = format!("http://{}", tiny.address);
    let socks_url = format!("socks5h://{}", socks.address);
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let before = tiny.output().matches("CONNECT 127").count();
        assert_eq!(subprocess::call(secure_config.clone(), &[(name, &tiny_url)]), None, "{name}");
        assert!(tiny.output().matches("CONNECT 127").count() > before, "{name}");
    }
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        let before = socks.output().matches("connected to").count();
        assert_eq!(subprocess::call(plain_config.clone(), &[(name, &socks_url)]), None, "{name}");
        assert!(socks.output().matches("connected to").count() > before, "{name}");
    }
}

#[test]
fn the_configuration_and_specific_variables_take_precedence() {
    let (server, (_address, refusing), tiny) = (http(), refusing_proxy(), tinyproxy(""));
    let working = format!("http://{}", tiny.address);
    let (working, refusing) = (working.as_str(), refusing.as_str());
    let with = |proxy: Option<&str>| json!({"base_url": server.base_url(), "proxy": proxy});
    for (configured, environment, is_used) in [
        // The configuration takes precedence.
        (Some(refusing), &[("http_proxy", working)][..], true),
        (Some(working), &[("http_proxy", refusing), ("NO_PROXY", "nothing.example")], false),
        (Some(""), &[("http_proxy", refusing), ("ALL_PROXY", refusing)], false),
        // NO_PROXY does not affect a configured proxy.
        (Some(refusing), &[("NO_PROXY", "*")], true),
        // Lower case before upper case, the variable of the scheme before that of all schemes.
        (None, &[("http_proxy", refusing), ("HTTP_PROXY", working)], true),
        (None, &[("http_proxy", working), ("HTTP_PROXY", refusing)], false),
        (None, &[("HTTP_PROXY", working), ("all_proxy", refusing)], false),
        (None, &[("all_proxy", refusing), ("ALL_PROXY", working)], true),
        (None, &[("no_proxy", "127.0.0.1"), ("NO_PROXY", "other"), ("http_proxy", refusing)], false),
        (None, &[("no_proxy", "other"), ("NO_PROXY", "127.0.0.1"), ("http_proxy", refusing)], true),
        // Of another scheme, empty, or possibly from a request header in a CGI program.
        (None, &[("HTTPS_PROXY", refusing), ("https_proxy", refusing)], false),
        (None, &[("http_proxy", ""), ("HTTP_PROXY", "")], false),
        (None, &[("HTTP_PROXY", refusing), ("REQUEST_METHOD", "GET")], false),
        (None, &[("http_proxy", refusing), ("REQUEST_METHOD", "GET")], true),
    ] {
        assert_eq!(uses_refusing_proxy(with(configured), environment), is_used, "{configured:?} {environment:?}");
    }
}

#[test]
fn no_proxy_lists_exceptions() {
    let (server, (_address, refusing)) = (http(), refusing_proxy());
    for (host, list, is_used) in [
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
        let config = json!({"base_url": format!("http://{host}:{}/v1.3", server.address().port())});
        let environment = [("http_proxy", refusing.as_str()), ("NO_PROXY", list)];
        assert_eq!(uses_refusing_proxy(config, &environment), is_used, "{host} with {list:?}");
    }
}
