//! SOCKS5 through microsocks.

use upscope::ErrorCode;

use super::certificates::Authority;
use super::programs::microsocks;
use super::service::{http, https};
use super::{CREATE, READ, client, refused_for_good};

#[test]
fn without_a_login() {
    let authority = Authority::new("ours");
    let proxy = microsocks(None);
    for (scheme, host) in [("socks5", "127.0.0.1"), ("socks5h", "127.0.0.1"), ("socks5h", "localhost")] {
        let service = https(&authority, host);
        let url = format!("https://{host}:{}/v1.3", service.port());
        let through = client(&url, &format!("{scheme}://{}", proxy.address), |config| config.ca_file(authority.file()));
        for _ in 0..3 {
            through.call(READ.0, READ.1).unwrap();
        }
        let connected = format!("connected to {host}:{}", service.port());
        assert_eq!(proxy.output().matches(&connected).count(), 1, "{connected}: {}", proxy.output());
    }
}

#[test]
fn with_a_login() {
    let proxy = microsocks(Some(("desk", "p@ss-hidden-word")));
    let service = http();
    let with = |login: &str| {
        let proxy = format!("socks5h://{login}{}", proxy.address);
        client(&format!("http://{service}/v1.3"), &proxy, |config| config)
    };
    with("desk:p%40ss-hidden-word@").call(READ.0, READ.1).unwrap();
    for login in ["", "desk:other-hidden-word@", "nobody:p%40ss-hidden-word@"] {
        let error = refused_for_good(&with(login));
        assert!(error.message().contains("user name and password"), "{error:?}");
        assert!(!format!("{error:?}").contains("hidden-word"), "{error:?}");
    }
}

#[test]
fn a_service_that_the_proxy_cannot_reach() {
    let proxy = microsocks(None);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let through = client(&format!("http://{nobody}/v1.3"), &format!("socks5://{}", proxy.address), |config| {
        config.max_retries(1)
    });
    let error = through.call(CREATE.0, CREATE.1).unwrap_err();
    let told = (error.code(), error.attempts(), error.is_retryable(), error.may_have_applied());
    assert_eq!(told, (ErrorCode::Connection, 2, true, false), "{error:?}");
    assert!(error.message().contains("proxy"), "{error:?}");
}
