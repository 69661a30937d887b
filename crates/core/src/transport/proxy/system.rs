//! Selects a proxy from the operating system's settings. Of the supported systems, only Windows has proxy settings that
//! all programs share: those of the Internet Options and of group policies. `windows/proxy.rs` reads them; this module
//! interprets them, and its tests run on every system.

use crate::request::url::{BaseUrl, is_loopback};

/// The settings in the form in which Windows stores them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SystemProxySettings {
    /// `ProxyEnable`: whether `server` is used.
    pub(crate) enabled: bool,
    /// `ProxyServer`: `host:port` for all schemes, or `http=host:port;https=host:port;socks=host:port`.
    pub(crate) server: String,
    /// `ProxyOverride`: hosts that are reached without the proxy.
    pub(crate) exceptions: String,
    /// `AutoConfigURL`: the URL of a proxy script (PAC) for browsers.
    pub(crate) script: String,
}

/// The proxy that the settings select for a base URL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SystemProxy {
    /// The URL of the proxy; None for a direct connection.
    pub(crate) url: Option<String>,
    /// Why, as a clause.
    pub(crate) reason: String,
}

impl SystemProxySettings {
    /// Selects the proxy for `base`.
    pub(crate) fn select(&self, base: &BaseUrl) -> SystemProxy {
        let direct = |reason: String| SystemProxy { url: None, reason };
        let Some(url) = self.enabled.then(|| proxy_url(&self.server, base.is_https())).flatten() else {
            return direct(match self.script.trim() {
                "" => "Windows's settings name no proxy".to_owned(),
                // Running the script would require a JavaScript engine in the caller's process.
                _ => "Windows's settings name a proxy script, which this library does not run: give the proxy that it chooses as proxy".to_owned(),
            });
        };
        let host = base.host().trim_end_matches('.');
        if is_loopback(host) && !entries(&self.exceptions).any(|entry| entry.eq_ignore_ascii_case("<-loopback>")) {
            return direct("Windows's proxy settings do not apply to this computer itself".to_owned());
        }
        if entries(&self.exceptions).any(|entry| exempts(entry, base, host)) {
            return direct(format!("Windows's settings name a proxy, but exempt {host}"));
        }
        SystemProxy { url: Some(url), reason: "Windows's settings name it".to_owned() }
    }
}

fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split([';', ',', ' ', '\t', '\r', '\n']).filter(|entry| !entry.is_empty())
}

/// The URL of the proxy for the scheme: the scheme's own, otherwise the one for all schemes, otherwise SOCKS.
fn proxy_url(server: &str, is_https: bool) -> Option<String> {
    let (mut own, mut any, mut socks) = (None, None, None);
    for entry in entries(server) {
        match entry.split_once('=') {
            None => any = any.or(Some(entry.to_owned())),
            Some((_, "")) => {}
            Some((scheme, address)) => match scheme.to_ascii_lowercase().as_str() {
                "https" if is_https => own = Some(address.to_owned()),
                "http" if !is_https => own = Some(address.to_owned()),
                // Windows itself uses SOCKS version 4.
                "socks" if address.contains("://") => socks = Some(address.to_owned()),
                "socks" => socks = Some(format!("socks4://{address}")),
                _ => {}
            },
        }
    }
    own.or(any).or(socks)
}

/// Whether an entry of `ProxyOverride` matches the host. An entry is `<local>` or `[scheme://]pattern[:port]`, where the
/// pattern can contain `*`.
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
        // A colon within an IPv6 address does not start a port.
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

/// Whether the pattern matches `text`. `*` matches any number of characters.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut pattern_index, mut text_index) = (0, 0);
    // The index of the last star, and the end of the text that it matches so far.
    let mut star = None;
    while text_index < text.len() {
        if pattern.get(pattern_index) == Some(&b'*') {
            star = Some((pattern_index, text_index));
            pattern_index += 1;
        } else if pattern.get(pattern_index) == Some(&text[text_index]) {
            pattern_index += 1;
            text_index += 1;
        } else if let Some((star_index, end)) = star {
            star = Some((star_index, end + 1));
            pattern_index = star_index + 1;
            text_index = end + 1;
        } else {
            return false;
        }
    }
    pattern[pattern_index..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(settings: &SystemProxySettings, base: &str) -> SystemProxy {
        settings.select(&BaseUrl::parse(base, true).unwrap())
    }

    #[test]
    fn a_proxy_for_the_scheme_takes_precedence() {
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
            let settings =
                SystemProxySettings { enabled: true, server: server.to_owned(), ..SystemProxySettings::default() };
            assert_eq!(select(&settings, base).url.as_deref(), proxy, "{server} for {base}");
            assert_eq!(select(&SystemProxySettings { enabled: false, ..settings }, base).url, None);
        }
    }

    #[test]
    fn exceptions_are_matched() {
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
            let settings = SystemProxySettings {
                enabled: true,
                server: "p:1".to_owned(),
                exceptions: list.to_owned(),
                ..SystemProxySettings::default()
            };
            assert_eq!(select(&settings, base).url.is_none(), exempt, "{base} in {list}");
        }
    }

    #[test]
    fn loopback_addresses_use_the_proxy_only_if_the_settings_say_so() {
        let mut settings =
            SystemProxySettings { enabled: true, server: "p:1".to_owned(), ..SystemProxySettings::default() };
        for base in ["http://127.0.0.1:9", "http://localhost", "http://[::1]:9", "http://x.localhost"] {
            settings.exceptions = "<local>".to_owned();
            assert!(select(&settings, base).reason.contains("this computer itself"), "{base}");
            settings.exceptions = "<-loopback>".to_owned();
            assert_eq!(select(&settings, base).url.as_deref(), Some("p:1"), "{base}");
        }
    }

    #[test]
    fn the_reason_mentions_a_proxy_script() {
        let mut settings =
            SystemProxySettings { script: "http://wpad/wpad.dat".to_owned(), ..SystemProxySettings::default() };
        assert!(select(&settings, "https://h").reason.contains("script, which this library does not run"));
        settings.server = "p:1".to_owned();
        assert!(select(&settings, "https://h").reason.contains("script"));
        settings.enabled = true;
        assert_eq!(select(&settings, "https://h").url.as_deref(), Some("p:1"));
    }
}
