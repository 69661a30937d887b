//! The request target: its path segments and query parameters, percent-decoded.

use hyper::Uri;

use crate::http::response::quote;

/// The path and the query exactly as they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestTarget {
    pub(crate) path: String,
    pub(crate) query: Option<String>,
}

impl RequestTarget {
    /// The target as it was sent, including a fragment. Returns `None` if `uri`, as hyper parsed it, belongs to another
    /// request.
    pub(crate) fn for_uri(sent: &str, uri: &Uri) -> Option<Self> {
        if uri.path().is_empty() {
            // The target of a CONNECT request is a host and a port.
            return uri.authority().filter(|authority| *authority == sent).map(|_| Self::split(sent));
        }
        let sent = match uri.scheme_str() {
            None => sent.to_owned(),
            Some(scheme) => {
                let after_scheme = sent.get(scheme.len() + "://".len()..)?;
                let path = &after_scheme[after_scheme.find(['/', '?', '#']).unwrap_or(after_scheme.len())..];
                if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
            }
        };
        let parsed = Self { path: uri.path().to_owned(), query: uri.query().map(str::to_owned) };
        let without_fragment = sent.split('#').next().unwrap_or_default();
        (Self::split(without_fragment) == parsed).then(|| Self::split(&sent))
    }

    pub(crate) fn split(raw: &str) -> Self {
        match raw.split_once('?') {
            Some((path, query)) => Self { path: path.to_owned(), query: Some(query.to_owned()) },
            None => Self { path: raw.to_owned(), query: None },
        }
    }

    /// Splits the path before it decodes the segments, so that `a%2Fb` is one segment.
    pub(crate) fn segments(&self) -> Result<Vec<String>, String> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        path.split('/')
            .map(|segment| {
                check_encoding(segment, "")?;
                percent_decode(segment.bytes())
            })
            .collect()
    }

    pub(crate) fn parameters(&self) -> Result<QueryParameters, String> {
        let query = self.query.as_deref().unwrap_or_default();
        check_encoding(query, "/?")?;
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let decoded = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((form_decode(name)?, form_decode(value)?))
        });
        Ok(QueryParameters(decoded.collect::<Result<_, String>>()?))
    }
}

#[derive(Debug)]
pub(crate) struct QueryParameters(Vec<(String, String)>);

impl QueryParameters {
    /// The value of the last parameter with that name, as most servers choose it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A whole number of at most `max`. The error is a sentence for the client.
    pub(crate) fn number(&self, name: &str, max: u64) -> Result<Option<u64>, String> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if number <= max => Ok(Some(number)),
            _ if max == u64::MAX => Err(format!("{name} is {text:?}, not a whole number")),
            _ => Err(format!("{name} is {text:?}, not a number from 0 to {max}")),
        }
    }

    /// The error is a sentence for the client.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<u64>, String> {
        let parse =
            |text: &str| text.parse().map_err(|_| format!("{name} is {text:?}, not a whole number, zero or more"));
        self.get(name).map(parse).transpose()
    }

    /// A parameter of the API. assumed: `1` and `0` are not accepted. The error is a sentence for the client.
    pub(crate) fn boolean(&self, name: &str) -> Result<bool, String> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(format!("{name} is {}, not true or false", quote(other))),
        }
    }

    /// A parameter of the control interface. The error is a sentence for the client.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, String> {
        match self.get(name) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(other) => Err(format!("{name} is {other:?}, not true or false")),
        }
    }
}

/// Refuses characters that RFC 3986 allows only percent-encoded. `also_allowed` depends on the part of the target.
fn check_encoding(part: &str, also_allowed: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@%".contains(c) || also_allowed.contains(c);
    match part.chars().find(|c| !allowed(*c)) {
        None => Ok(()),
        Some(c) => Err(format!("{c:?} is not percent-encoded in the request target")),
    }
}

fn form_decode(part: &str) -> Result<String, String> {
    percent_decode(part.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }))
}

fn percent_decode(mut bytes: impl Iterator<Item = u8>) -> Result<String, String> {
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|digit| char::from(digit).to_digit(16));
        match (digit(), digit()) {
            (Some(high), Some(low)) => decoded.push((high * 16 + low) as u8),
            _ => {
                return Err("a % in the request target is not followed by two hex digits".to_owned());
            }
        }
    }
    String::from_utf8(decoded).map_err(|_| "the decoded request target is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_the_uri_of_another_request() {
        let for_uri = |sent: &str, uri: &str| RequestTarget::for_uri(sent, &uri.parse().unwrap());
        assert_eq!(for_uri("/a?b#c", "/a?b"), Some(RequestTarget::split("/a?b#c")));
        assert_eq!(for_uri("http://host?b#c", "http://host?b"), Some(RequestTarget::split("/?b#c")));
        assert_eq!(for_uri("host:80", "host:80"), Some(RequestTarget::split("host:80")));
        for (sent, uri) in
            [("/ab", "/a"), ("/a", "/ab"), ("/a?b", "/a"), ("/a#?b", "/a?b"), ("/", "host:80"), ("x", "http://host/")]
        {
            assert_eq!(for_uri(sent, uri), None, "{sent} {uri}");
        }
    }

    fn segments(path: &str) -> Result<Vec<String>, String> {
        RequestTarget::split(path).segments()
    }

    #[test]
    fn splits_the_path_before_decoding_it() {
        assert_eq!(segments("/a%2Fb/%C3%A9").unwrap(), ["a/b", "é"]);
        assert_eq!(segments("/x/%3Fall=true").unwrap(), ["x", "?all=true"]);
        assert_eq!(segments("/a+b/").unwrap(), ["a+b", ""]);
    }

    #[test]
    fn refuses_targets_that_are_not_percent_encoded() {
        for path in ["/a%2", "/a%zz", "/%FF", "/a b", "/é", "/a#b", "/a\"b"] {
            assert!(segments(path).is_err(), "{path}");
        }
    }

    #[test]
    fn decodes_form_encoded_parameters_and_uses_the_last_of_a_name() {
        let query = RequestTarget::split("/?a=1+2&b=%2B&a=3&c").parameters().unwrap();
        assert_eq!(query.get("a"), Some("3"));
        assert_eq!(query.get("b"), Some("+"));
        assert_eq!(query.get("c"), Some(""));
        assert_eq!(query.get("d"), None);
        assert!(query.flag("a").is_err());
    }
}
