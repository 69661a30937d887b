//! SOCKS5 through microsocks.

use upscope::ErrorCode;
use upscope_test_support::{Authority, RefusingAddress};

use super::programs::microsocks;
use super::servers::{http, https};
use super::{CREATE, READ, client, permanent_error};

#[test]
fn without_credentials() {
    let authority = Authority::new("ours");
    let proxy = microsocks(None);
    for (scheme, host) in [("socks5", "127.0.0.1"), ("socks5h", "127.0.0.1"), ("socks5h", "localhost")] {
        let server = https(&authority, host);
        let url = format!("https://{host}:{}/v1.3", server.address().port());
        let client = client(&url, &format!("{scheme}://{}", proxy.address), |config| config.ca_file(authority.file()));
        for _ in 0..3 {
            client.call(READ.0, READ.1).unwrap();
        }
        let connected = format!("connected to {host}:{}", server.address().port());
        assert_eq!(proxy.output().matches(&connected).count(), 1, "{connected}: {}", proxy.output());
    }
}

#[test]
fn with_credentials() {
    let proxy = microsocks(Some(("desk", "p@ss-hidden-word")));
    let server = http();
    let with = |login: &str| {
        let proxy = format!("socks5h://{login}{}", proxy.address);
        client(&server.base_url(), &proxy, |config| config)
    };
    with("desk:p%40ss-hidden-word@").call(READ.0, READ.1).unwrap();
    for login in ["", "desk:other-hidden-word@", "nobody:p%40ss-hidden-word@"] {
        let error = permanent_error(&with(login));
        assert!(error.message().contains("user name and password"), "{error:?}");
        assert!(!format!("{error:?}").contains("hidden-word"), "{error:?}");
    }
}

#[test]
fn a_server_that_the_proxy_cannot_reach() {
    let proxy = microsocks(None);
    let server = RefusingAddress::new();
    let client =
        client(&format!("http://{}/v1.3", server.address()), &format!("socks5://{}", proxy.address), |config| {
            config.max_retries(1)
        });
    let error = client.call(CREATE.0, CREATE.1).unwrap_err();
    let facts = (error.code(), error.attempts(), error.is_retryable(), error.may_have_applied());
    assert_eq!(facts, (ErrorCode::Connection, 2, true, false), "{error:?}");
    assert!(error.message().contains("proxy"), "{error:?}");
}
