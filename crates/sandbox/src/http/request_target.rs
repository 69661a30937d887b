//! The request target: split and percent-decoded as one segment, one parameter at a time.

use hyper::Uri;

/// The path and query exactly as they came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) path: String,
    pub(crate) query: Option<String>,
}

impl Target {
    /// The target as it was sent, fragment included, of the request whose URI hyper read; `None` if it is another request's.
    pub(crate) fn of(sent: &str, uri: &Uri) -> Option<Self> {
        if uri.path().is_empty() {
            // CONNECT's form, the name of a host.
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
        let read = Self { path: uri.path().to_owned(), query: uri.query().map(str::to_owned) };
        let without_fragment = sent.split('#').next().unwrap_or_default();
        (Self::split(without_fragment) == read).then(|| Self::split(&sent))
    }

    pub(crate) fn split(raw: &str) -> Self {
        match raw.split_once('?') {
            Some((path, query)) => Self { path: path.to_owned(), query: Some(query.to_owned()) },
            None => Self { path: raw.to_owned(), query: None },
        }
    }

    /// Decodes the segments after they were split, so that `a%2Fb` stays one of them.
    pub(crate) fn segments(&self) -> Result<Vec<String>, String> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        path.split('/')
            .map(|segment| {
                refuse_unencoded(segment, "")?;
                percent_decoded(segment.bytes())
            })
            .collect()
    }

    pub(crate) fn parameters(&self) -> Result<Parameters, String> {
        let query = self.query.as_deref().unwrap_or_default();
        refuse_unencoded(query, "/?")?;
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let decoded = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((form_decoded(name)?, form_decoded(value)?))
        });
        Ok(Parameters(decoded.collect::<Result<_, String>>()?))
    }
}

#[derive(Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The last one of that name, as most servers take it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// `Err` holds the sentence for a value that is neither true nor false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, String> {
        match self.get(name) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(other) => Err(format!("{name} is {other:?}, not true or false")),
        }
    }
}

/// RFC 3986 leaves few characters that may stand as they are; a client that forgot to encode one is told.
fn refuse_unencoded(part: &str, also: &str) -> Result<(), String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@%".contains(c) || also.contains(c);
    match part.chars().find(|c| !legal(*c)) {
        None => Ok(()),
        Some(c) => Err(format!("{c:?} stands in the request target without percent-encoding")),
    }
}

fn form_decoded(part: &str) -> Result<String, String> {
    percent_decoded(part.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }))
}

fn percent_decoded(mut bytes: impl Iterator<Item = u8>) -> Result<String, String> {
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
    String::from_utf8(decoded).map_err(|_| "the request target decodes to something that is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_belongs_to_one_request_only() {
        let of = |sent: &str, read: &str| Target::of(sent, &read.parse().unwrap());
        assert_eq!(of("/a?b#c", "/a?b"), Some(Target::split("/a?b#c")));
        assert_eq!(of("http://host?b#c", "http://host?b"), Some(Target::split("/?b#c")));
        assert_eq!(of("host:80", "host:80"), Some(Target::split("host:80")));
        for (sent, read) in
            [("/ab", "/a"), ("/a", "/ab"), ("/a?b", "/a"), ("/a#?b", "/a?b"), ("/", "host:80"), ("x", "http://host/")]
        {
            assert_eq!(of(sent, read), None, "{sent} {read}");
        }
    }

    fn segments(path: &str) -> Result<Vec<String>, String> {
        Target::split(path).segments()
    }

    #[test]
    fn segments_are_decoded_after_the_split() {
        assert_eq!(segments("/a%2Fb/%C3%A9").unwrap(), ["a/b", "é"]);
        assert_eq!(segments("/x/%3Fall=true").unwrap(), ["x", "?all=true"]);
        assert_eq!(segments("/a+b/").unwrap(), ["a+b", ""]);
    }

    #[test]
    fn what_a_client_forgot_to_encode_is_refused() {
        for path in ["/a%2", "/a%zz", "/%FF", "/a b", "/é", "/a#b", "/a\"b"] {
            assert!(segments(path).is_err(), "{path}");
        }
    }

    #[test]
    fn parameters_are_form_encoded_and_the_last_one_counts() {
        let query = Target::split("/?a=1+2&b=%2B&a=3&c").parameters().unwrap();
        assert_eq!(query.get("a"), Some("3"));
        assert_eq!(query.get("b"), Some("+"));
        assert_eq!(query.get("c"), Some(""));
        assert_eq!(query.get("d"), None);
        assert!(query.flag("a").is_err());
    }
}
