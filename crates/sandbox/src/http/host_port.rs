//! The host and port in a URL or a `Host` header. Only hosts that need no DNS lookup are supported.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Localhost,
    Ip(IpAddr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HostPort {
    pub(crate) host: Host,
    pub(crate) port: u16,
}

impl HostPort {
    /// Parses `host` or `host:port`; the default port is 80. Returns `None` unless the host is localhost or an IP address.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // An IPv6 address has colons inside its brackets.
        let bracket = text.rfind(']').map_or(0, |at| at + 1);
        let (host, port) = match text[bracket..].find(':') {
            Some(colon) => (&text[..bracket + colon], Self::parse_port(&text[bracket + colon + 1..])?),
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

    fn parse_port(digits: &str) -> Option<u16> {
        // `u16::from_str` also accepts a sign.
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_ip_addresses_and_localhost() {
        let ip = |text: &str| Host::Ip(text.parse().unwrap());
        for (text, host, port) in [
            ("127.0.0.1", ip("127.0.0.1"), 80),
            ("192.0.2.1:8080", ip("192.0.2.1"), 8080),
            ("[::1]", ip("::1"), 80),
            ("[2001:db8::1]:443", ip("2001:db8::1"), 443),
            ("localhost", Host::Localhost, 80),
            ("LocalHost:1", Host::Localhost, 1),
        ] {
            assert_eq!(HostPort::parse(text), Some(HostPort { host, port }), "{text}");
        }
    }

    #[test]
    fn rejects_other_names_and_malformed_text() {
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
            assert_eq!(HostPort::parse(text), None, "{text}");
        }
    }
}
