//! Builds the URLs of requests. No other code encodes paths and queries.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ureq::http::uri::{PathAndQuery, Scheme};
use ureq::http::{self, Uri};

use crate::error::Error;

/// Encodes all but the unreserved characters of RFC 3986, so that a value stays one segment or one query value.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Characters that a raw path must not contain. `%` is not one of them, because a raw path may be encoded already.
const RAW_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'[')
    .add(b']');

/// The base URL of the service: scheme, host, port and a path prefix.
#[derive(Clone)]
pub(crate) struct BaseUrl {
    /// Without a trailing slash.
    text: String,
    /// Scheme, host and port.
    origin: Uri,
    /// The path prefix, without a trailing slash.
    prefix: String,
    /// In lower case, without brackets.
    host: String,
    /// The value of the `Host` header: with the port, unless it is the scheme's default.
    host_header: String,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str, allow_http: bool) -> Result<BaseUrl, Error> {
        let reject = |why: &str| {
            Err(Error::invalid_argument(format!(
                "base_url {why}; it must be a URL such as \"https://api.upscope.io/v1.3\"."
            )))
        };
        if text.contains(['?', '#']) {
            return reject("has a query or a fragment");
        }
        let Ok(uri) = text.parse::<Uri>() else {
            return reject("is not a URL");
        };
        let https = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return reject("does not start with https:// or http://"),
        };
        let Some(authority) = uri.authority().filter(|authority| !authority.host().is_empty()) else {
            return reject("has no host");
        };
        if authority.as_str().contains('@') {
            return reject("has a user name or password");
        }
        // The parser accepts a colon without a valid port.
        if authority.as_str() != authority.host() && authority.port_u16().is_none_or(|port| port == 0) {
            return reject("has no valid port");
        }
        if !is_path(uri.path()) {
            return reject("has a \".\" or \"..\" segment");
        }
        let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        if !https && !allow_http && !is_loopback(&host) {
            return Err(Error::invalid_argument(
                "base_url uses plain http to a host that is not this computer, which would expose the API key on the network: use https, or set allow_http to true.",
            ));
        }
        let default_port = if https { 443 } else { 80 };
        let host_header = match authority.port_u16() {
            Some(port) if port != default_port => authority.as_str(),
            _ => authority.host(),
        };
        let host_header = host_header.to_owned();
        let prefix = uri.path().trim_end_matches('/').to_owned();
        let mut parts = uri.into_parts();
        parts.path_and_query = Some(PathAndQuery::from_static("/"));
        let Ok(origin) = Uri::from_parts(parts) else {
            return reject("is not valid");
        };
        Ok(BaseUrl { text: text.trim_end_matches('/').to_owned(), origin, prefix, host, host_header })
    }

    pub(crate) fn is_https(&self) -> bool {
        self.origin.scheme() == Some(&Scheme::HTTPS)
    }

    pub(crate) fn host_header(&self) -> &str {
        &self.host_header
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.origin.port_u16().unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL without its path.
    pub(crate) fn origin(&self) -> &Uri {
        &self.origin
    }

    /// The path and query of a target below the base URL.
    pub(crate) fn join(&self, target: &RequestTarget) -> Result<Uri, http::Error> {
        let mut path = String::with_capacity(self.prefix.len() + target.0.len());
        path.push_str(&self.prefix);
        path.push_str(&target.0);
        Ok(PathAndQuery::from_maybe_shared(Bytes::from(path))?.into())
    }
}

/// Whether `host`, without brackets, is this computer.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A path and query below the base URL.
#[derive(Clone)]
pub(crate) struct RequestTarget(Cow<'static, str>);

impl RequestTarget {
    /// Expands the path template of an operation. `segment` returns the value of a `{name}` in it.
    pub(crate) fn from_template<'v>(template: &'static str, segment: impl Fn(&str) -> &'v str) -> RequestTarget {
        if !template.contains('{') {
            return RequestTarget(Cow::Borrowed(template));
        }
        let mut path = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            path.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            path.extend(utf8_percent_encode(segment(name), COMPONENT));
            rest = after;
        }
        path.push_str(rest);
        RequestTarget(Cow::Owned(path))
    }

    /// Encodes a raw path that passed [`is_path`].
    pub(crate) fn from_path(path: &str) -> RequestTarget {
        let mut out = String::with_capacity(path.len());
        for (index, part) in path.split('%').enumerate() {
            let escape = part.len() >= 2 && part.bytes().take(2).all(|b| b.is_ascii_hexdigit());
            if index > 0 {
                out.push_str(if escape { "%" } else { "%25" });
            }
            out.extend(utf8_percent_encode(part, RAW_PATH));
        }
        RequestTarget(Cow::Owned(out))
    }

    pub(crate) fn push_query(&mut self, name: &str, value: &str) {
        let text = self.0.to_mut();
        text.push(if text.contains('?') { '&' } else { '?' });
        text.extend(utf8_percent_encode(name, COMPONENT));
        text.push('=');
        text.extend(utf8_percent_encode(value, COMPONENT));
    }

    /// The decoded value of `{name}` in the path template from which this target was made.
    pub(crate) fn segment(&self, template: &str, name: &str) -> Option<String> {
        let (before, _) = template.split_once(&format!("{{{name}}}"))?;
        let segment = self.path().get(before.len()..)?.split('/').next()?;
        percent_decode_str(segment).decode_utf8().ok().map(|value| value.into_owned())
    }

    /// The decoded value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.0.split_once('?')?;
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        percent_decode_str(value).decode_utf8().ok().map(|value| value.into_owned())
    }

    /// Replaces or adds a query parameter.
    pub(crate) fn set_query(&mut self, name: &str, value: &str) {
        if let Some((path, query)) = self.0.split_once('?') {
            let others = query.split('&').filter(|pair| pair.split('=').next() != Some(name));
            let others: Vec<&str> = others.collect();
            let kept = match others.is_empty() {
                true => path.to_owned(),
                false => format!("{path}?{}", others.join("&")),
            };
            self.0 = Cow::Owned(kept);
        }
        self.push_query(name, value);
    }

    /// The length in bytes, encoded.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The path without the query, for log lines: queries contain names and e-mail addresses.
    pub(crate) fn path(&self) -> &str {
        self.0.split('?').next().unwrap_or("")
    }
}

/// Whether `text` may become a path segment. Encoding does not change `.` and `..`, which servers resolve.
pub(crate) fn is_path_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
}

/// Whether `text` is a path that stays below the base URL, even if servers decode it repeatedly.
pub(crate) fn is_path(text: &str) -> bool {
    if !text.starts_with('/') || text.contains(['?', '#']) || text.contains(char::is_control) {
        return false;
    }
    let mut decoded = text.to_owned();
    // A proxy may decode the path before the server decodes it again.
    for _ in 0..3 {
        if decoded.split(['/', '\\']).any(|segment| matches!(segment, "." | "..")) {
            return false;
        }
        let next = percent_decode_str(&decoded).decode_utf8_lossy().into_owned();
        if next == decoded {
            break;
        }
        decoded = next;
    }
    true
}

/// Whether `text` is an absolute http or https URL that names a host.
pub(crate) fn is_http_url(text: &str) -> bool {
    let has_url_characters = text.bytes().all(|b| b > b' ' && b != 0x7f && !b"\"<>\\^`{|}".contains(&b));
    let Some((scheme, host, port)) = scheme_host_port(text) else {
        return false;
    };
    let is_http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(ip) => ip.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && !host.contains([':', '[', ']']),
    };
    has_url_characters && is_http && is_host && port.is_none_or(|port| port.is_empty() || port.parse::<u16>().is_ok())
}

fn scheme_host_port(url: &str) -> Option<(&str, &str, Option<&str>)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host_and_port = authority.rsplit('@').next()?;
    Some(match host_and_port.rfind(':') {
        Some(colon) if !host_and_port.ends_with(']') => {
            (scheme, &host_and_port[..colon], Some(&host_and_port[colon + 1..]))
        }
        _ => (scheme, host_and_port, None),
    })
}

/// The reserved domain of the host of `url`: a name for documentation and tests (RFC 2606, RFC 6761). `localhost` is
/// not in the list, because a service on the same computer, such as the sandbox, reaches it.
pub(crate) fn reserved_domain(url: &str) -> Option<&'static str> {
    const RESERVED: [&str; 6] = ["example.com", "example.net", "example.org", "example", "test", "invalid"];
    let (_, host, _) = scheme_host_port(url)?;
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    RESERVED.into_iter().find(|domain| {
        host.strip_suffix(domain).is_some_and(|subdomain| subdomain.is_empty() || subdomain.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(id: &str) -> String {
        RequestTarget::from_template("/visitors/{visitor_id}/session", |_| id).0.into_owned()
    }

    #[test]
    fn an_id_stays_one_segment() {
        for (id, encoded) in [
            ("a/b", "a%2Fb"),
            ("a/b?all=true#x", "a%2Fb%3Fall%3Dtrue%23x"),
            ("..%2f", "..%252f"),
            ("é", "%C3%A9"),
            ("a b+c", "a%20b%2Bc"),
            ("...", "..."),
            ("\u{0}\r\n", "%00%0D%0A"),
            ("~-_.A1", "~-_.A1"),
        ] {
            assert_eq!(visitor(id), format!("/visitors/{encoded}/session"));
        }
        let target = RequestTarget::from_template("/visitors/{visitor_id}/session", |_| "a/b é");
        assert_eq!(target.segment("/visitors/{visitor_id}/session", "visitor_id").as_deref(), Some("a/b é"));
        assert_eq!(target.segment("/visitors/{visitor_id}/session", "id"), None);
        assert!(!is_path_segment("") && !is_path_segment(".") && !is_path_segment(".."));
        assert!(is_path_segment("..."));
    }

    #[test]
    fn a_raw_path_stays_below_the_base_url() {
        for path in ["/usage", "/a//b", "/a.b/..c", "/visitors/a%2Fb", "/é", "/100%"] {
            assert!(is_path(path), "{path}");
        }
        for path in [
            "",
            "usage",
            "/..",
            "/a/../b",
            "/a/.",
            "/%2e%2e/b",
            "/a/..%2fb",
            "/a?b",
            "/a#b",
            "/a\\..\\b",
            "/%252e%252e/x",
            "/a\nb",
        ] {
            assert!(!is_path(path), "{path}");
        }
        assert_eq!(RequestTarget::from_path("/a b/é%2F%zz").0, "/a%20b/%C3%A9%2F%25zz");
    }

    #[test]
    fn queries_are_encoded() {
        let mut target = RequestTarget::from_path("/list");
        target.push_query("search", "#tag & id:é+1");
        target.push_query("max_results", "1");
        assert_eq!(target.0, "/list?search=%23tag%20%26%20id%3A%C3%A9%2B1&max_results=1");
        assert_eq!(target.path(), "/list");
        target.set_query("search", "é");
        assert_eq!(target.0, "/list?max_results=1&search=%C3%A9");
        assert_eq!(target.query("search").as_deref(), Some("é"));
        assert_eq!(target.query("sear"), None);
    }

    #[test]
    fn valid_and_invalid_base_urls() {
        let base = BaseUrl::parse("https://desk.example/upscope/api/", false).unwrap();
        assert_eq!(*base.origin(), "https://desk.example/");
        assert_eq!(base.join(&RequestTarget::from_path("/usage")).unwrap(), "/upscope/api/usage");
        for text in ["http://127.0.0.1:8080/v1.3", "http://localhost", "http://[::1]:9", "https://h:443"] {
            assert!(BaseUrl::parse(text, false).is_ok(), "{text}");
        }
        assert!(BaseUrl::parse("http://10.0.0.1", true).is_ok());
        for text in [
            "http://10.0.0.1",
            "http://localhost.example",
            "ftp://h",
            "h",
            "",
            "https://",
            "https://u:p@h",
            "https://h/?q",
            "https://h/#f",
            "https://h/../x",
            "https://h:0",
            "https://h:99999",
            "https://h:x",
        ] {
            assert!(BaseUrl::parse(text, false).is_err(), "{text}");
        }
    }

    #[test]
    fn reserved_domains() {
        for (url, domain) in [
            ("https://example.com", Some("example.com")),
            ("HTTPS://u:p@Hooks.EXAMPLE.org.:8443/x?y#z", Some("example.org")),
            ("https://example", Some("example")),
            ("http://desk.test/", Some("test")),
            ("https://a.b.invalid?x", Some("invalid")),
            ("https://myexample.com/example.com", None),
            ("https://example.com.de", None),
            ("https://contest", None),
            ("http://localhost:8080/", None),
            ("http://[::1]/", None),
        ] {
            assert_eq!(reserved_domain(url), domain, "{url}");
        }
    }

    #[test]
    fn valid_and_invalid_http_urls() {
        for text in [
            "https://example.com",
            "http://h:80/p?q#f",
            "HTTPS://u:p@h/",
            "http://[::1]:8/x",
            "https://bücher.example/",
        ] {
            assert!(is_http_url(text), "{text}");
        }
        for text in [
            "",
            "example.com",
            "ftp://h",
            "https://",
            "https:///p",
            "http://h:port",
            "http://a b",
            "http://[::x]/",
            "https://@",
        ] {
            assert!(!is_http_url(text), "{text}");
        }
    }
}
