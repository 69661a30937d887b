//! HTTP CONNECT through tinyproxy.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use upscope::ErrorCode;

use super::certificates::Authority;
use super::programs::{tinyproxy, tunnels};
use super::service::{http, https};
use super::{CREATE, READ, client, refused_for_good};

#[test]
fn without_a_login() {
    let authority = Authority::new("ours");
    let proxy = tinyproxy("");
    let secure = https(&authority, "127.0.0.1");
    let through = client(&format!("https://{secure}/v1.3"), &format!("http://{}", proxy.address), |config| {
        config.ca_file(authority.file())
    });
    for _ in 0..3 {
        through.call(READ.0, READ.1).unwrap();
    }
    assert_eq!(tunnels(&proxy, secure), 1, "a tunnel is kept: {}", proxy.output());

    let plain = http();
    let through = client(&format!("http://{plain}/v1.3"), &proxy.address.to_string(), |config| config);
    through.call(READ.0, READ.1).unwrap();
    assert_eq!(tunnels(&proxy, plain), 1, "{}", proxy.output());
}

#[test]
fn with_a_login() {
    let authority = Authority::new("ours");
    let proxy = tinyproxy("BasicAuth desk p.ss-hidden-word");
    let service = https(&authority, "127.0.0.1");
    let with = |login: &str| {
        let proxy = format!("http://{login}{}", proxy.address);
        client(&format!("https://{service}/v1.3"), &proxy, |config| config.ca_file(authority.file()))
    };
    with("desk:p%2Ess-hidden-word@").call(READ.0, READ.1).unwrap();
    for login in ["", "desk:other-hidden-word@", "nobody:p%2Ess-hidden-word@"] {
        let error = refused_for_good(&with(login));
        assert!(error.message().contains("user name and password"), "{error:?}");
        // A login that is wrong is 401 with tinyproxy.
        let status = if login.is_empty() { "407" } else { "401" };
        assert!(error.message().contains(status), "{error:?}");
        assert!(!format!("{error:?}").contains("hidden-word"), "{error:?}");
    }
    assert_eq!(tunnels(&proxy, service), 4, "one for each call: {}", proxy.output());
}

#[test]
fn a_proxy_that_does_not_let_everybody_through() {
    let proxy = tinyproxy("Allow 127.0.0.2");
    let through = client(&format!("http://{}/v1.3", http()), &format!("http://{}", proxy.address), |config| {
        config.max_retries(0)
    });
    let error = through.call(CREATE.0, CREATE.1).unwrap_err();
    assert_eq!((error.code(), error.may_have_applied()), (ErrorCode::Connection, false), "{error:?}");
    assert!(error.message().contains("proxy"), "{error:?}");
}

#[test]
fn a_service_that_the_proxy_cannot_reach() {
    let proxy = tinyproxy("");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let through =
        client(&format!("https://{nobody}/v1.3"), &format!("http://{}", proxy.address), |config| config.max_retries(1));
    let error = through.call(CREATE.0, CREATE.1).unwrap_err();
    let told = (error.code(), error.attempts(), error.is_retryable(), error.may_have_applied());
    assert_eq!(told, (ErrorCode::Connection, 2, true, false), "{error:?}");
    assert!(error.message().contains("refused by the proxy with status 50"), "{error:?}");
}

#[test]
fn a_certificate_that_is_refused_behind_the_proxy() {
    let proxy = tinyproxy("");
    let service = https(&Authority::new("theirs"), "127.0.0.1");
    let through = client(&format!("https://{service}/v1.3"), &format!("http://{}", proxy.address), |config| config);
    let error = refused_for_good(&through);
    assert!(error.message().contains("does not trust"), "{error:?}");
}

#[test]
fn a_proxy_that_says_nothing() {
    const TIMEOUT: Duration = Duration::from_millis(300);
    // Nobody accepts; the system takes the connection in all the same.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    for scheme in ["http", "socks5", "socks5h"] {
        let proxy = format!("{scheme}://{address}");
        let hurried = client("http://127.0.0.1:9/v1.3", &proxy, |config| config.timeout(TIMEOUT));
        let began = Instant::now();
        let error = hurried.call(CREATE.0, CREATE.1).unwrap_err();
        let took = began.elapsed();
        let told = (error.code(), error.is_retryable(), error.may_have_applied());
        assert_eq!(told, (ErrorCode::Timeout, true, false), "{error:?}");
        assert!(took >= TIMEOUT && took < TIMEOUT + Duration::from_millis(100), "{scheme}: {took:?}");

        let patient = client("http://127.0.0.1:9/v1.3", &proxy, |config| {
            config.connect_timeout(Duration::from_millis(100)).max_retries(1)
        });
        let error = patient.call(CREATE.0, CREATE.1).unwrap_err();
        let told = (error.code(), error.attempts(), error.is_retryable(), error.may_have_applied());
        assert_eq!(told, (ErrorCode::Connection, 2, true, false), "{scheme}: {error:?}");
        assert!(error.message().contains("connect_timeout_ms"), "{scheme}: {error:?}");
    }
}
