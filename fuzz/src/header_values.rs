//! Fuzzes values of headers and related settings: Retry-After, User-Agent, the API key, the base URL, the proxy.

use std::time::{Duration, UNIX_EPOCH};

use upscope_core::retry::{Cause, Decision, FailureContext, decide, parse_retry_after};
use upscope_core::{Client, Config, fuzzing, operation};

use super::oracle::{PLANTED, invalid_argument, without_secret};

pub fn run(data: &[u8]) {
    let Some((which, rest)) = data.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let config = Config::new().api_key("key").base_url("https://service.example").proxy("");
    match which {
        b'r' => check_retry_after(text),
        b'u' => check_client(config.user_agent(text)),
        b'k' => check_client(config.api_key(format!("{PLANTED}{text}"))),
        b'p' => check_client(config.proxy(with_password(text))),
        b'b' => check_base_url(text, config),
        _ => {}
    }
}

fn check_client(config: Config) {
    without_secret(&format!("{config:?}"));
    match Client::new(config) {
        Ok(client) => without_secret(&format!("{client:?}")),
        Err(error) => {
            invalid_argument(&error);
            without_secret(error.message());
        }
    }
}

/// Adds a password to the URL of a proxy.
fn with_password(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://user:{PLANTED}@{rest}"),
        None => url.to_owned(),
    }
}

/// Requests with an accepted base URL go to its host, below its path.
fn check_base_url(text: &str, config: Config) {
    let Ok(client) = Client::new(config.base_url(text).allow_http(true)) else {
        return check_client(Config::new().api_key("key").base_url(text).allow_http(true).proxy(""));
    };
    let shown = format!("{client:?}");
    assert!(!shown.contains(char::is_control), "{shown:?}");
    let definition = operation::find("get_visitor").expect("an operation");
    let request = fuzzing::build_request(definition, r#"{"visitor_id":"@evil.example/../x"}"#, text)
        .unwrap_or_else(|error| panic!("{text:?}: {error}"));
    let uri = request.uri();
    let authority = uri.authority().expect("a host").as_str();
    assert!(!authority.contains('@') && !uri.host().unwrap_or_default().is_empty(), "{uri}");
    let (_, after_scheme) = text.split_once("://").expect("a scheme");
    let given = after_scheme.split('/').next().unwrap_or_default();
    assert!(authority.eq_ignore_ascii_case(given), "{authority} for {given}");
    assert!(uri.path().ends_with("/visitors/%40evil.example%2F..%2Fx") && uri.query().is_none(), "{uri}");
}

/// A wait never exceeds the time left for the call, no matter what the service asks for.
fn check_retry_after(header: &str) {
    let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let asked = parse_retry_after(header, now);
    let digits = !header.trim().is_empty() && header.trim().bytes().all(|b| b.is_ascii_digit());
    assert!(asked.is_some() || !digits, "{header:?}");
    let time_left = Duration::from_secs(30);
    let decision = decide(&FailureContext {
        cause: Cause::Status(429),
        safe_to_repeat: true,
        retries: 0,
        max_retries: 1,
        retry_after: asked,
        time_left,
        random: 0.5,
    });
    match decision {
        Decision::RetryAfter(wait) => assert!(wait < time_left && asked.is_none_or(|asked| asked == wait)),
        Decision::Stop => assert!(asked.is_some_and(|asked| asked >= time_left)),
        Decision::RetryNow => panic!("repeated a request that has a response"),
    }
}
