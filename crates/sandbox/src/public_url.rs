//! The URL under which clients reach the sandbox, where that is not the address it listens on: in a container, for example.

use std::fmt;
use std::str::FromStr;

use hyper::Uri;
use hyper::http::uri::Authority;

/// An `http` or `https` URL without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: String,
}

impl PublicUrl {
    /// The scheme, host and port, in lower case, as browsers send them in an `Origin` header.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The port in the text `host` or `host:port`, if it has the host of this URL. The port may be any, because containers
    /// and proxies map ports.
    pub(crate) fn port_of(&self, text: &str) -> Option<Option<u16>> {
        let authority: Authority = text.parse().ok()?;
        let port = authority.port_u16();
        // Neither a user name nor an invalid port.
        let length =
            authority.host().len() + port.map_or(0, |_| authority.port().map_or(0, |port| 1 + port.as_str().len()));
        (authority.host().eq_ignore_ascii_case(&self.host) && text.len() == length).then_some(port)
    }
}

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(url: &str) -> Result<Self, InvalidPublicUrl> {
        let invalid = |reason| Err(InvalidPublicUrl(reason));
        let Ok(uri) = url.parse::<Uri>() else {
            return invalid("it is not a URL");
        };
        let (default_port, scheme) = match uri.scheme_str() {
            Some("http") => (80, "http"),
            Some("https") => (443, "https"),
            _ => return invalid("it does not start with http:// or https://"),
        };
        let Some(authority) = uri.authority().filter(|authority| !authority.host().is_empty()) else {
            return invalid("it has no host");
        };
        if authority.as_str().contains('@') {
            return invalid("it has a user name");
        }
        if authority.as_str().len() > authority.host().len() && authority.port_u16().is_none_or(|port| port == 0) {
            return invalid("its port is not from 1 to 65535");
        }
        if uri.path_and_query().is_some_and(|rest| rest.as_str() != "/") || url.contains('#') {
            return invalid("it has a path, a query or a fragment");
        }
        let host = authority.host().to_lowercase();
        let origin = match authority.port_u16().filter(|port| *port != default_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Ok(Self { origin, host })
    }
}

/// Why a text is not the public URL of a sandbox.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidPublicUrl(&'static str);

impl fmt::Display for InvalidPublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{}; give it like http://sandbox.example:8080", self.0)
    }
}

impl std::error::Error for InvalidPublicUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_origin_that_browsers_send() {
        for (url, origin) in [
            ("http://Sandbox:8080", "http://sandbox:8080"),
            ("https://sandbox.example/", "https://sandbox.example"),
            ("HTTPS://sandbox.example:443", "https://sandbox.example"),
            ("http://sandbox.example:443", "http://sandbox.example:443"),
            ("http://[2001:db8::1]:80", "http://[2001:db8::1]"),
        ] {
            assert_eq!(url.parse::<PublicUrl>().unwrap().origin(), origin);
        }
    }

    #[test]
    fn refuses_what_is_not_an_origin() {
        for (url, reason) in [
            ("", "not a URL"),
            ("sandbox", "http://"),
            ("/x", "http://"),
            ("ftp://sandbox", "http://"),
            ("http://", "not a URL"),
            ("http://:80", "no host"),
            ("http://user@sandbox", "user name"),
            ("http://sandbox:0", "port"),
            ("http://sandbox:70000", "port"),
            ("http://sandbox:", "port"),
            ("http://sandbox/v1.3", "path"),
            ("http://sandbox?x", "path"),
            ("http://sandbox/#x", "path"),
            ("http://sand box", "not a URL"),
        ] {
            let error = url.parse::<PublicUrl>().expect_err(url).to_string();
            assert!(error.contains(reason), "{url}: {error}");
        }
    }

    #[test]
    fn recognizes_its_host_with_any_port() {
        let url: PublicUrl = "https://sandbox.example:8443".parse().unwrap();
        for (host, port) in
            [("sandbox.example", None), ("SANDBOX.example:8443", Some(8443)), ("sandbox.example:80", Some(80))]
        {
            assert_eq!(url.port_of(host), Some(port), "{host}");
        }
        for host in [
            "",
            "sandbox",
            "sandbox.example.org",
            "x.sandbox.example",
            "user@sandbox.example",
            "sandbox.example:",
            "sandbox.example:80x",
            "sandbox.example:70000",
            "sandbox.example:80:80",
            "sandbox.example/x",
        ] {
            assert_eq!(url.port_of(host), None, "{host}");
        }
    }
}
