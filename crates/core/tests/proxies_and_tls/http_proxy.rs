//! HTTP CONNECT through tinyproxy.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use upscope::ErrorCode;
use upscope_test_support::{Authority, RefusingAddress};

use super::programs::{count_tunnels, tinyproxy};
use super::servers::{http, https};
use super::{CREATE, READ, client, permanent_error};

#[test]
fn without_credentials() {
    let authority = Authority::new("ours");
    let proxy = tinyproxy("");
    let secure = https(&authority, "127.0.0.1");
    let client_with_tls =
        client(&secure.base_url(), &format!("http://{}", proxy.address), |config| config.ca_file(authority.file()));
    for _ in 0..3 {
        client_with_tls.call(READ.0, READ.1).unwrap();
    }
    assert_eq!(count_tunnels(&proxy, secure.address()), 1, "the tunnel is reused: {}", proxy.output());

    let plain = http();
    let plain_client = client(&plain.base_url(), &proxy.address.to_string(), |config| config);
    plain_client.call(READ.0, READ.1).unwrap();
    assert_eq!(count_tunnels(&proxy, plain.address()), 1, "{}", proxy.output());
}

#[test]
fn with_credentials() {
    let authority = Authority::new("ours");
    let proxy = tinyproxy("BasicAuth desk p.ss-hidden-word");
    let server = https(&authority, "127.0.0.1");
    let with = |login: &str| {
        let proxy = format!("http://{login}{}", proxy.address);
        client(&server.base_url(), &proxy, |config| config.ca_file(authority.file()))
    };
    with("desk:p%2Ess-hidden-word@").call(READ.0, READ.1).unwrap();
    for login in ["", "desk:other-hidden-word@", "nobody:p%2Ess-hidden-word@"] {
        let error = permanent_error(&with(login));
        assert!(error.message().contains("user name and password"), "{error:?}");
        // tinyproxy responds with 401 to wrong credentials.
        let status = if login.is_empty() { "407" } else { "401" };
        assert!(error.message().contains(status), "{error:?}");
        assert!(!format!("{error:?}").contains("hidden-word"), "{error:?}");
    }
    assert_eq!(count_tunnels(&proxy, server.address()), 4, "one for each call: {}", proxy.output());
}

#[test]
fn a_proxy_that_denies_access() {
    let proxy = tinyproxy("Allow 127.0.0.2");
    let server = http();
    let client = client(&server.base_url(), &format!("http://{}", proxy.address), |config| config.max_retries(0));
    let error = client.call(CREATE.0, CREATE.1).unwrap_err();
    assert_eq!((error.code(), error.may_have_applied()), (ErrorCode::Connection, false), "{error:?}");
    assert!(error.message().contains("proxy"), "{error:?}");
}

#[test]
fn a_server_that_the_proxy_cannot_reach() {
    let proxy = tinyproxy("");
    let server = RefusingAddress::new();
    let client =
        client(&format!("https://{}/v1.3", server.address()), &format!("http://{}", proxy.address), |config| {
            config.max_retries(1)
        });
    let error = client.call(CREATE.0, CREATE.1).unwrap_err();
    let facts = (error.code(), error.attempts(), error.is_retryable(), error.may_have_applied());
    assert_eq!(facts, (ErrorCode::Connection, 2, true, false), "{error:?}");
    assert!(error.message().contains("refused by the proxy with status 50"), "{error:?}");
}

#[test]
fn a_rejected_certificate_behind_the_proxy() {
    let proxy = tinyproxy("");
    let server = https(&Authority::new("theirs"), "127.0.0.1");
    let client = client(&server.base_url(), &format!("http://{}", proxy.address), |config| config);
    let error = permanent_error(&client);
    assert!(error.message().contains("does not trust"), "{error:?}");
}

#[test]
fn a_proxy_that_does_not_respond() {
    const TIMEOUT: Duration = Duration::from_millis(300);
    // Nothing accepts the connection, but the system completes it.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    for scheme in ["http", "socks5", "socks5h"] {
        let proxy = format!("{scheme}://{address}");
        let short_timeout = client("http://127.0.0.1:9/v1.3", &proxy, |config| config.timeout(TIMEOUT));
        let start = Instant::now();
        let error = short_timeout.call(CREATE.0, CREATE.1).unwrap_err();
        let elapsed = start.elapsed();
        let facts = (error.code(), error.is_retryable(), error.may_have_applied());
        assert_eq!(facts, (ErrorCode::Timeout, true, false), "{error:?}");
        assert!(elapsed >= TIMEOUT && elapsed < TIMEOUT + Duration::from_millis(100), "{scheme}: {elapsed:?}");

        let short_connect_timeout = client("http://127.0.0.1:9/v1.3", &proxy, |config| {
            config.connect_timeout(Duration::from_millis(100)).max_retries(1)
        });
        let error = short_connect_timeout.call(CREATE.0, CREATE.1).unwrap_err();
        let facts = (error.code(), error.attempts(), error.is_retryable(), error.may_have_applied());
        assert_eq!(facts, (ErrorCode::Connection, 2, true, false), "{scheme}: {error:?}");
        assert!(error.message().contains("connect_timeout_ms"), "{scheme}: {error:?}");
    }
}
