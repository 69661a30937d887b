//! Selects the proxy: from the configuration, otherwise from the environment by curl's rules, otherwise from the system.

use std::net::IpAddr;

use ureq::Proxy;

use crate::error::Error;
use crate::request::url::BaseUrl;
use crate::support::secret::Secret;
use crate::transport::proxy::system::SystemProxySettings;

pub(crate) mod system;

/// The selected proxy.
pub(crate) struct ProxySelection {
    /// None for a direct connection.
    pub(crate) proxy: Option<Proxy>,
    /// Why, as a clause.
    pub(crate) reason: String,
}

/// Selects the proxy for `base`.
pub(crate) fn select(configured: Option<&Secret>, base: &BaseUrl) -> Result<ProxySelection, Error> {
    let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    select_from(configured, base, environment, system_settings)
}

/// The proxy settings of this user. None on systems without such settings.
fn system_settings() -> Option<SystemProxySettings> {
    #[cfg(windows)]
    return crate::transport::windows::proxy::read_settings();
    #[cfg(not(windows))]
    None
}

fn select_from(
    configured: Option<&Secret>,
    base: &BaseUrl,
    environment: impl Fn(&str) -> Option<String>,
    system: impl FnOnce() -> Option<SystemProxySettings>,
) -> Result<ProxySelection, Error> {
    let selected = |proxy, reason: String| Ok(ProxySelection { proxy, reason });
    if let Some(url) = configured {
        if url.expose().is_empty() {
            return selected(None, "the configuration's proxy is empty".to_owned());
        }
        return selected(Some(parse(url.expose(), "proxy")?), "the configuration's proxy names it".to_owned());
    }
    // HTTP_PROXY in upper case is ignored in CGI programs, because there a request header sets it.
    let names: &[&str] = if base.is_https() {
        &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    } else {
        &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    };
    let in_cgi = environment("REQUEST_METHOD").is_some();
    let found = names
        .iter()
        .filter(|name| !(in_cgi && **name == "HTTP_PROXY"))
        .find_map(|name| environment(name).map(|url| (*name, url)));
    let exceptions = environment("no_proxy").or_else(|| environment("NO_PROXY")).unwrap_or_default();
    let Some((name, url)) = found else {
        let unset = format!("none of {} is set in the environment", names.join(", "));
        let Some(system_proxy) = system().map(|settings| settings.select(base)) else {
            return selected(None, unset);
        };
        let Some(url) = system_proxy.url else {
            return selected(None, format!("{unset}, and {}", system_proxy.reason));
        };
        if is_exempt(base.host(), &exceptions) {
            return selected(None, format!("{unset}, and NO_PROXY exempts {} from the system's proxy", base.host()));
        }
        return selected(
            Some(parse(&url, "the proxy in the system's settings")?),
            format!("{unset}, and {}", system_proxy.reason),
        );
    };
    if is_exempt(base.host(), &exceptions) {
        return selected(None, format!("{name} is set in the environment, but NO_PROXY exempts {}", base.host()));
    }
    let source = format!("the environment variable {name}");
    selected(Some(parse(&url, &source)?), format!("{source} names it"))
}

fn parse(url: &str, source: &str) -> Result<Proxy, Error> {
    // Without a scheme it is an HTTP proxy, as in curl.
    let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let proxy = Proxy::new(&url).ok().filter(|proxy| {
        // ureq accepts an empty host, a port that is not a number, and whatever follows the port.
        let authority = proxy.uri().authority().map(|authority| authority.as_str()).unwrap_or_default();
        let host_and_port = authority.rsplit('@').next().unwrap_or_default();
        let rest = proxy.uri().path_and_query().map_or("", |rest| rest.as_str());
        is_host(proxy.host())
            && (host_and_port == proxy.host() || proxy.uri().port_u16().is_some_and(|port| port > 0))
            && matches!(rest, "" | "/")
            && !url.contains('#')
    });
    proxy.ok_or_else(|| {
        Error::invalid_argument(format!(
            "{source} is not a proxy URL; it must be one such as \"http://user:password@proxy.example:8080\" or \"socks5h://proxy.example:1080\"."
        ))
    })
}

/// Whether `host` is a name or an address. An IPv6 address is in brackets.
fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<IpAddr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')),
    }
}

/// The password in a proxy URL, plain and percent-encoded.
pub(crate) fn passwords(proxy: &Proxy) -> Vec<Secret> {
    let encoded = proxy.uri().authority().and_then(|authority| authority.as_str().rsplit_once('@'));
    let plain = proxy.password().map(Secret::new);
    let encoded = encoded.and_then(|(user_info, _)| user_info.split_once(':')).map(|(_, text)| Secret::new(text));
    plain.into_iter().chain(encoded).collect()
}

/// Whether a `NO_PROXY` list contains `host`. An entry is `*`, a domain with its subdomains, an address or a CIDR range.
fn is_exempt(host: &str, list: &str) -> bool {
    let host = host.trim_end_matches('.');
    let address = host.parse::<IpAddr>().ok();
    list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        let entry = entry.trim_matches(['[', ']']).to_ascii_lowercase();
        match address {
            Some(address) => in_range(address, &entry),
            None => {
                let name = entry.trim_start_matches("*.").trim_matches('.');
                !name.is_empty() && (host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')))
            }
        }
    })
}

fn in_range(address: IpAddr, entry: &str) -> bool {
    let (network, bits) = match entry.split_once('/') {
        Some((network, bits)) => (network, bits.parse::<u32>().ok()),
        None => (entry, Some(128)),
    };
    let (Ok(network), Some(bits)) = (network.parse::<IpAddr>(), bits) else {
        return false;
    };
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => {
            let rest = 32 - bits.min(32);
            u32::from(a).checked_shr(rest) == u32::from(n).checked_shr(rest)
        }
        (IpAddr::V6(a), IpAddr::V6(n)) => {
            let rest = 128 - bits.min(128);
            u128::from(a).checked_shr(rest) == u128::from(n).checked_shr(rest)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected_host(configured: Option<&str>, base: &str, environment: &[(&str, &str)]) -> Option<String> {
        let base = BaseUrl::parse(base, true).unwrap();
        let configured = configured.map(Secret::new);
        let lookup =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        select_from(configured.as_ref(), &base, lookup, || None).unwrap().proxy.map(|proxy| proxy.host().to_owned())
    }

    /// The host of the selected proxy and the reason, with system settings that name a proxy `s`.
    fn select_with_system(configured: Option<&str>, environment: &[(&str, &str)]) -> (Option<String>, String) {
        let base = BaseUrl::parse("https://desk.example", false).unwrap();
        let configured = configured.map(Secret::new);
        let lookup =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let system =
            || Some(SystemProxySettings { enabled: true, server: "s:1".to_owned(), ..SystemProxySettings::default() });
        let selection = select_from(configured.as_ref(), &base, lookup, system).unwrap();
        (selection.proxy.map(|proxy| proxy.host().to_owned()), selection.reason)
    }

    #[test]
    fn system_settings_come_last() {
        let (proxy, reason) = select_with_system(None, &[]);
        assert_eq!(proxy.as_deref(), Some("s"));
        assert!(reason.starts_with("none of https_proxy") && reason.ends_with("settings name it"), "{reason}");
        assert_eq!(select_with_system(None, &[("HTTPS_PROXY", "a:1")]).0.as_deref(), Some("a"));
        assert_eq!(select_with_system(Some("b:1"), &[]).0.as_deref(), Some("b"));
        assert_eq!(select_with_system(Some(""), &[]).0, None);
        let (proxy, reason) = select_with_system(None, &[("NO_PROXY", "desk.example")]);
        assert!(proxy.is_none() && reason.contains("NO_PROXY exempts desk.example"), "{reason}");
        assert_eq!(select_with_system(None, &[("HTTPS_PROXY", "a:1"), ("NO_PROXY", "*")]).0, None);
    }

    #[test]
    fn an_invalid_system_proxy_is_reported() {
        let base = BaseUrl::parse("https://desk.example", false).unwrap();
        let system = || {
            Some(SystemProxySettings { enabled: true, server: "ftp://s".to_owned(), ..SystemProxySettings::default() })
        };
        let refused = select_from(None, &base, |_| None, system).err().unwrap();
        assert!(refused.message().contains("the proxy in the system's settings is not a proxy URL"), "{refused}");
    }

    #[test]
    fn precedence_of_configuration_and_environment() {
        let all = [
            ("HTTPS_PROXY", "http://a:1"),
            ("http_proxy", "b:2"),
            ("ALL_PROXY", "socks5://c:3"),
            ("NO_PROXY", "x.example"),
        ];
        assert_eq!(selected_host(None, "https://h", &all).as_deref(), Some("a"));
        assert_eq!(selected_host(None, "http://h", &all).as_deref(), Some("b"));
        assert_eq!(selected_host(None, "http://h", &all[2..]).as_deref(), Some("c"));
        assert_eq!(selected_host(Some("http://d"), "https://x.example", &all).as_deref(), Some("d"));
        assert_eq!(selected_host(Some(""), "https://h", &all), None);
        assert_eq!(selected_host(None, "https://api.x.example", &all), None);
        let cgi = [("HTTP_PROXY", "http://evil"), ("REQUEST_METHOD", "GET")];
        assert_eq!(selected_host(None, "http://h", &cgi), None);
    }

    #[test]
    fn no_proxy_entries_are_matched() {
        for (host, list, exempt) in [
            ("a.example", "*", true),
            ("a.example", "example", true),
            ("a.example", ".a.example", true),
            ("a.example", "*.example", true),
            ("ba.example", "a.example", false),
            ("a.example", "b, a.example:443", false),
            ("127.0.0.1", "localhost,127.0.0.1", true),
            ("10.1.2.3", "10.0.0.0/8", true),
            ("11.1.2.3", "10.0.0.0/8", false),
            ("10.1.2.3", "0.0.0.0/0", true),
            ("::1", "[::1]", true),
            ("10.1.2.3", "2.3", false),
            ("a.example", "", false),
        ] {
            assert_eq!(is_exempt(host, list), exempt, "{host} in {list}");
        }
    }

    #[test]
    fn malformed_proxies_are_rejected() {
        for url in [
            "::",
            "h:99999",
            "h:0",
            "h:",
            "h:x",
            "http:/h",
            "https//h:1",
            "h:1/path",
            "h:1?q",
            "h:1#f",
            "h;1",
            "[zz]:1",
            "http://http://h",
            "ftp://h",
            "h h",
            "",
        ] {
            assert!(parse(url, "proxy").is_err(), "{url}");
        }
        for url in ["h", "h_1.example:8080", "http://h:1/", "https://u:p@[::1]:1", "socks5h://10.0.0.1", "socks4://h:1"]
        {
            assert!(parse(url, "proxy").is_ok(), "{url}");
        }
    }

    #[test]
    fn the_error_for_an_invalid_proxy_does_not_contain_its_password() {
        for url in ["http://u:hidden-word@", "ftp://u:hidden-word@h", "://", "http://u:hidden-word@h:x"] {
            let message = parse(url, "proxy").unwrap_err().message().to_owned();
            assert!(!message.contains("hidden-word"), "{message}");
        }
        let proxy = parse("http://u:p%40ss@h:1", "proxy").unwrap();
        let secrets: Vec<_> = passwords(&proxy).iter().map(|s| s.expose().to_owned()).collect();
        assert_eq!(secrets, ["p@ss", "p%40ss"]);
        assert!(!format!("{proxy:?}").contains("ss"));
    }
}
