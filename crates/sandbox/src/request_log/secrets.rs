//! Hides secrets in the request log: API keys, the tokens of watch links, on-premise tokens and the keys of visitors.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

const HIDDEN: &str = "***";
const SECRET_HEADERS: [&str; 5] = ["authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key"];
/// Shorter values are no secrets, and hiding them would make other texts unreadable.
const MIN_SECRET_LENGTH: usize = 8;

/// A member `api_key` is not secret: a visitor has the public key there.
const SECRET_MEMBERS: [&str; 6] =
    ["\"watch_url\"", "\"token\"", "\"visitor_key\"", "\"x_api_key\"", "\"x-api-key\"", "\"secret_key\""];

/// A member of a JSON object, even if the text is cut in the middle of its value.
static SECRET_MEMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = SECRET_MEMBERS.join("|");
    Regex::new(&format!(r#"((?:{names})\s*:\s*")(?:[^"\\]|\\.)*"#)).ok()
});
static SECRET_PARAMETER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"((?:^|&)(?:watch_url|token|visitor_key|api_?key|x-api-key|secret_key)=)[^&#]*").ok());
static WATCH_LINK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(/session/)[A-Za-z0-9_%.~-]+").ok());

/// Hides the secrets of one request and its response. `None` hides nothing.
pub(super) struct Secrets(Option<Vec<String>>);

impl Secrets {
    pub(super) fn shown() -> Self {
        Self(None)
    }

    /// `headers` are those of the request. The values of its secrets are also hidden wherever else they appear.
    pub(super) fn hidden(path: &str, headers: &[(&str, &str)]) -> Self {
        let of_headers = headers.iter().filter(|(name, _)| *name == "x-api-key" || *name == "authorization");
        let values = of_headers.map(|(_, value)| value.rsplit(' ').next().unwrap_or_default());
        let token = path.strip_prefix("/session/").and_then(|rest| rest.split('/').next());
        let known = values.chain(token).chain([crate::auth::VALID_KEY]);
        Self(Some(known.filter(|secret| secret.len() >= MIN_SECRET_LENGTH).map(str::to_owned).collect()))
    }

    pub(super) fn header<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        match &self.0 {
            Some(_) if SECRET_HEADERS.contains(&name) => HIDDEN.into(),
            _ => self.text(value),
        }
    }

    pub(super) fn path<'a>(&self, path: &'a str) -> Cow<'a, str> {
        let Some(known) = &self.0 else {
            return path.into();
        };
        // An API path may have the name "session" elsewhere.
        let path = if path.starts_with("/session/") { replace(path.into(), &WATCH_LINK) } else { path.into() };
        hide_values(path, known)
    }

    pub(super) fn query<'a>(&self, query: &'a str) -> Cow<'a, str> {
        match &self.0 {
            Some(known) => hide_values(replace(query.into(), &SECRET_PARAMETER), known),
            None => query.into(),
        }
    }

    /// A body, a note or the value of a header.
    pub(super) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Some(known) = &self.0 else {
            return text.into();
        };
        let mut text = Cow::from(text);
        if SECRET_MEMBERS.iter().any(|name| text.contains(name)) {
            text = replace(text, &SECRET_MEMBER);
        }
        if text.contains("/session/") {
            text = replace(text, &WATCH_LINK);
        }
        hide_values(text, known)
    }
}

/// Replaces what follows the first group of the pattern.
fn replace<'a>(text: Cow<'a, str>, pattern: &LazyLock<Option<Regex>>) -> Cow<'a, str> {
    let Some(pattern) = pattern.as_ref() else {
        // The patterns are constant, and a test uses each of them.
        return HIDDEN.into();
    };
    let hide = |found: &Captures| format!("{}{HIDDEN}", found.get(1).map_or("", |group| group.as_str()));
    match pattern.replace_all(&text, hide) {
        Cow::Owned(replaced) => replaced.into(),
        Cow::Borrowed(_) => text,
    }
}

fn hide_values<'a>(mut text: Cow<'a, str>, values: &[String]) -> Cow<'a, str> {
    for value in values {
        if text.contains(value.as_str()) {
            text = text.replace(value.as_str(), HIDDEN).into();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets::hidden(
            "/session/0b5c-token",
            &[("x-api-key", "a-secret-key"), ("authorization", "Bearer b-secret-key")],
        )
    }

    #[test]
    fn hides_each_kind_of_secret() {
        for (text, hidden) in [
            (r#"{"watch_url": "http://x/session/t\"u", "a": 1}"#, r#"{"watch_url": "***", "a": 1}"#),
            (r#"{"visitor_key":"vk","token" : "ey.J\\"}"#, r#"{"visitor_key":"***","token" : "***"}"#),
            (r#"{"token":"cut off in the mid"#, r#"{"token":"***"#),
            ("http://x/session/0f-1_2/events?a=1", "http://x/session/***/events?a=1"),
            ("key a-secret-key and 0b5c-token", "key *** and ***"),
            (r#"{"api_key":"sandbox-public-key"}"#, r#"{"api_key":"sandbox-public-key"}"#),
            ("sandbox-key", "***"),
        ] {
            assert_eq!(secrets().text(text), hidden);
        }
        assert_eq!(secrets().header("x-api-key", "anything"), "***");
        assert_eq!(secrets().header("authorization", "anything"), "***");
        assert_eq!(secrets().header("referer", "http://h/session/abc"), "http://h/session/***");
        assert_eq!(secrets().path("/session/0b5c-token/events"), "/session/***/events");
        assert_eq!(secrets().path("/v1.3/visitors/session/watch_url"), "/v1.3/visitors/session/watch_url");
        assert_eq!(
            secrets().query("a=1&api_key=zzz&visitor_key=v&key=b-secret-key"),
            "a=1&api_key=***&visitor_key=***&key=***"
        );
    }

    #[test]
    fn shows_everything_on_request() {
        let text = r#"{"watch_url": "http://x/session/t"} sandbox-key"#;
        assert_eq!(Secrets::shown().text(text), text);
        assert_eq!(Secrets::shown().header("x-api-key", "k"), "k");
    }
}
