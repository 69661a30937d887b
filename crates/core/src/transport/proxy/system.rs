//! The proxy of the operating system's settings. Only Windows has such settings that every program shares: the
//! user's, which the Internet Options dialogue and group policies write. What they mean is decided here, on every
//! system; `system_proxy_windows.rs` reads them.

use crate::request::url::{BaseUrl, is_loopback};

/// The settings as Windows keeps them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// `ProxyEnable`: whether `server` counts.
    pub(crate) enabled: bool,
    /// `ProxyServer`: `host:port` for everything, or `http=host:port;https=host:port;socks=host:port`.
    pub(crate) server: String,
    /// `ProxyOverride`: hosts that are reached directly.
    pub(crate) exceptions: String,
    /// `AutoConfigURL`: a proxy script (PAC) that browsers run.
    pub(crate) script: String,
}

/// What the settings say of one service.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProxyDecision {
    /// A proxy's URL; None for a direct connection.
    pub(crate) proxy: Option<String>,
    /// A clause for a person.
    pub(crate) reason: String,
}

/// The settings of this user; None where the system has none.
pub(crate) fn read() -> Option<Settings> {
    #[cfg(windows)]
    return crate::transport::windows::proxy::read();
    #[cfg(not(windows))]
    None
}

impl Settings {
    /// The way to the service at `base`.
    pub(crate) fn decide(&self, base: &BaseUrl) -> ProxyDecision {
        let direct = |reason: String| ProxyDecision { proxy: None, reason };
        let Some(proxy) = self.enabled.then(|| named(&self.server, base.is_https())).flatten() else {
            return direct(match self.script.trim() {
                "" => "Windows's settings name no proxy".to_owned(),
                // Running it takes a JavaScript engine in the caller's process.
                _ => "Windows's settings name a proxy script, which this library does not run: give the proxy that it chooses as proxy".to_owned(),
            });
        };
        let host = base.host().trim_end_matches('.');
        if is_loopback(host) && !entries(&self.exceptions).any(|entry| entry.eq_ignore_ascii_case("<-loopback>")) {
            return direct("Windows's proxy settings do not count for this computer itself".to_owned());
        }
        if entries(&self.exceptions).any(|entry| exempts(entry, base, host)) {
            return direct(format!("Windows's settings name a proxy, but exempt {host}"));
        }
        ProxyDecision { proxy: Some(proxy), reason: "Windows's settings name it".to_owned() }
    }
}

fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split([';', ',', ' ', '\t', '\r', '\n']).filter(|entry| !entry.is_empty())
}

/// The URL of the proxy for the scheme: its own, else the one for everything, else SOCKS.
fn named(server: &str, https: bool) -> Option<String> {
    let (mut own, mut any, mut socks) = (None, None, None);
    for entry in entries(server) {
        match entry.split_once('=') {
            None => any = any.or(Some(entry.to_owned())),
            Some((_, "")) => {}
            Some((scheme, address)) => match scheme.to_ascii_lowercase().as_str() {
                "https" if https => own = Some(address.to_owned()),
                "http" if !https => own = Some(address.to_owned()),
                // Windows itself speaks version 4.
                "socks" if address.contains("://") => socks = Some(address.to_owned()),
                "socks" => socks = Some(format!("socks4://{address}")),
                _ => {}
            },
        }
    }
    own.or(any).or(socks)
}

/// Whether an entry of `ProxyOverride` names the host: `<local>`, or `[scheme://]pattern[:port]` with `*` in it.
fn exempts(entry: &str, base: &BaseUrl, host: &str) -> bool {
    if entry.eq_ignore_ascii_case("<local>") {
        return !host.contains(['.', ':']);
    }
    let entry = entry.to_ascii_lowercase();
    let (scheme, rest) = entry.split_once("://").map_or((None, entry.as_str()), |(scheme, rest)| (Some(scheme), rest));
    if scheme.is_some_and(|scheme| scheme != if base.is_https() { "https" } else { "http" }) {
        return false;
    }
    let (pattern, port) = match rest.rsplit_once(':') {
        // A colon within an address of IPv6 starts no port.
        Some((pattern, port))
            if !port.is_empty()
                && port.bytes().all(|byte| byte.is_ascii_digit())
                && (!pattern.contains(':') || pattern.ends_with(']')) =>
        {
            (pattern, port.parse::<u16>().ok())
        }
        _ => (rest, None),
    };
    if port.is_some_and(|port| port != base.port()) {
        return false;
    }
    let pattern = pattern.trim_matches(['[', ']']);
    !pattern.is_empty() && matches(pattern.as_bytes(), host.as_bytes())
}

/// Whether `text` fits the pattern, in which `*` stands for any run of characters.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut here) = (0, 0);
    // Where the last star was, and how much it has taken so far.
    let mut star = None;
    while here < text.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, here));
            at += 1;
        } else if pattern.get(at) == Some(&text[here]) {
            at += 1;
            here += 1;
        } else if let Some((place, taken)) = star {
            star = Some((place, taken + 1));
            at = place + 1;
            here = taken + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(settings: &Settings, base: &str) -> ProxyDecision {
        settings.decide(&BaseUrl::parse(base, true).unwrap())
    }

    #[test]
    fn the_proxy_of_the_scheme_comes_before_the_one_for_all() {
        for (server, base, proxy) in [
            ("p:8080", "https://h", Some("p:8080")),
            ("http://p:8080", "https://h", Some("http://p:8080")),
            ("http=a:1;https=b:2", "https://h", Some("b:2")),
            ("HTTP=a:1;HTTPS=b:2", "http://h", Some("a:1")),
            ("http=a:1;ftp=c:3", "https://h", None),
            ("http=a:1;socks=s:4", "https://h", Some("socks4://s:4")),
            ("socks=socks5://s:4", "https://h", Some("socks5://s:4")),
            ("http=a:1 p:9", "https://h", Some("p:9")),
            ("https=", "https://h", None),
            (" ; ", "https://h", None),
            ("", "https://h", None),
        ] {
            let settings = Settings { enabled: true, server: server.to_owned(), ..Settings::default() };
            assert_eq!(decide(&settings, base).proxy.as_deref(), proxy, "{server} for {base}");
            assert_eq!(decide(&Settings { enabled: false, ..settings }, base).proxy, None);
        }
    }

    #[test]
    fn exceptions() {
        for (list, base, exempt) in [
            ("*.example;<local>", "https://api.example", true),
            ("*.example;<local>", "https://API.Example.", true),
            ("*.example", "https://example", false),
            ("api.example", "https://api.example", true),
            ("api.example", "https://an.api.example", false),
            ("*api.example", "https://an.api.example", true),
            ("a*.ex*le", "https://api.example", true),
            ("*", "https://api.example", true),
            ("<local>", "https://intranet/v1.3", true),
            ("<LOCAL>", "https://intranet", true),
            ("<local>", "https://api.example", false),
            ("<local>", "https://[2001:db8::1]", false),
            ("192.168.*", "http://192.168.7.1", true),
            ("192.168.*", "http://192.169.7.1", false),
            ("[2001:db8::1]", "https://[2001:db8::1]", true),
            ("2001:db8::*", "https://[2001:db8::1]", true),
            ("api.example:8443", "https://api.example:8443", true),
            ("api.example:8443", "https://api.example", false),
            ("api.example:443", "https://api.example", true),
            ("api.example:80", "http://api.example", true),
            ("https://api.example", "https://api.example", true),
            ("http://api.example", "https://api.example", false),
            (" a ; api.example ", "https://api.example", true),
            ("", "https://api.example", false),
        ] {
            let settings = Settings {
                enabled: true,
                server: "p:1".to_owned(),
                exceptions: list.to_owned(),
                ..Settings::default()
            };
            assert_eq!(decide(&settings, base).proxy.is_none(), exempt, "{base} in {list}");
        }
    }

    #[test]
    fn this_computer_is_reached_directly_unless_the_settings_say_otherwise() {
        let mut settings = Settings { enabled: true, server: "p:1".to_owned(), ..Settings::default() };
        for base in ["http://127.0.0.1:9", "http://localhost", "http://[::1]:9", "http://x.localhost"] {
            settings.exceptions = "<local>".to_owned();
            assert!(decide(&settings, base).reason.contains("this computer itself"), "{base}");
            settings.exceptions = "<-loopback>".to_owned();
            assert_eq!(decide(&settings, base).proxy.as_deref(), Some("p:1"), "{base}");
        }
    }

    #[test]
    fn a_script_alone_is_told_of() {
        let mut settings = Settings { script: "http://wpad/wpad.dat".to_owned(), ..Settings::default() };
        assert!(decide(&settings, "https://h").reason.contains("script, which this library does not run"));
        settings.server = "p:1".to_owned();
        assert!(decide(&settings, "https://h").reason.contains("script"));
        settings.enabled = true;
        assert_eq!(decide(&settings, "https://h").proxy.as_deref(), Some("p:1"));
    }
}
