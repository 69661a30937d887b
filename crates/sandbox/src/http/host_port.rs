//! The host and port of a URL or of a `Host` header, where no name service decides which computer is meant.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Localhost,
    Ip(IpAddr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) host: Host,
    pub(crate) port: u16,
}

impl Authority {
    /// Reads `host` or `host:port`, with the port of http where there is none. `None` for any other host name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // An IPv6 address has colons of its own, inside brackets.
        let bracket = text.rfind(']').map_or(0, |at| at + 1);
        let (host, port) = match text[bracket..].find(':') {
            Some(colon) => (&text[..bracket + colon], Self::port(&text[bracket + colon + 1..])?),
            None => (text, 80),
        };
        let host = if host.eq_ignore_ascii_case("localhost") {
            Host::Localhost
        } else if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Host::Ip(inner.parse::<Ipv6Addr>().ok()?.into())
        } else {
            Host::Ip(host.parse::<Ipv4Addr>().ok()?.into())
        };
        Some(Self { host, port })
    }

    fn port(digits: &str) -> Option<u16> {
        // The standard library would also take a sign.
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_localhost_are_read() {
        let ip = |text: &str| Host::Ip(text.parse().unwrap());
        for (text, host, port) in [
            ("127.0.0.1", ip("127.0.0.1"), 80),
            ("192.0.2.1:8080", ip("192.0.2.1"), 8080),
            ("[::1]", ip("::1"), 80),
            ("[2001:db8::1]:443", ip("2001:db8::1"), 443),
            ("localhost", Host::Localhost, 80),
            ("LocalHost:1", Host::Localhost, 1),
        ] {
            assert_eq!(Authority::parse(text), Some(Authority { host, port }), "{text}");
        }
    }

    #[test]
    fn names_and_malformed_texts_are_not() {
        for text in [
            "",
            ":80",
            "sandbox",
            "localhost.",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "127.1",
            "0x7f.0.0.1",
            "2130706433",
            "::1",
            "[127.0.0.1]",
            "[::1",
            "[::1]x",
            "[::1]x:80",
            "[fe80::1%eth0]",
            "127.0.0.1:",
            "127.0.0.1:+80",
            "127.0.0.1:65536",
            "127.0.0.1:80:80",
            "user@127.0.0.1",
            "127.0.0.1/",
            " 127.0.0.1",
            "127.0.0.1, 127.0.0.1",
        ] {
            assert_eq!(Authority::parse(text), None, "{text}");
        }
    }
}
