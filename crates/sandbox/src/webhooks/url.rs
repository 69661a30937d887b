//! The URL of a webhook, and whether the sandbox may contact it.

use std::net::IpAddr;

use hyper::Uri;

/// A URL as the client sent it. It begins with `http://` or `https://`; the rest may be anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebhookUrl(String);

/// Where to send a webhook.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) tls: bool,
    /// Without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The value of the `Host` header.
    pub(crate) authority: String,
    pub(crate) path_and_query: String,
}

impl WebhookUrl {
    /// Returns `None` if the scheme is not http or https.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let scheme = text.split_once("://")?.0;
        let is_http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        is_http.then(|| Self(text.to_owned()))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The target, if its host is this computer or is in `allowed_hosts`. Otherwise the reason why the sandbox does not
    /// contact it.
    pub(crate) fn target(&self, allowed_hosts: &[String]) -> Result<Target, String> {
        let uri: Uri = self.0.parse().map_err(|error| format!("webhook_url is not a valid URL: {error}"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err("webhook_url has no host".to_owned());
        };
        if authority.as_str().contains('@') {
            return Err("webhook_url has a user name, which the sandbox does not send".to_owned());
        }
        let tls = scheme.eq_ignore_ascii_case("https");
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        // `Authority` ignores a port that is not valid.
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") => Some(if tls { 443 } else { 80 }),
            _ => authority.port_u16(),
        };
        let Some(port) = port.filter(|_| !host.is_empty()) else {
            return Err("webhook_url has no valid host and port".to_owned());
        };
        if !is_this_computer(host) && !allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)) {
            return Err(format!(
                "the sandbox contacts only loopback addresses; to allow this host, start it with --allow-webhooks-to {host}"
            ));
        }
        Ok(Target {
            tls,
            host: host.to_owned(),
            port,
            authority: authority.as_str().to_owned(),
            // A URL may have a query without a path.
            path_and_query: match uri.path_and_query().map_or("/", |path| path.as_str()) {
                path if path.starts_with('/') => path.to_owned(),
                query => format!("/{query}"),
            },
        })
    }
}

fn is_this_computer(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str, allowed_hosts: &[&str]) -> Result<Target, String> {
        let allowed_hosts: Vec<String> = allowed_hosts.iter().map(|host| (*host).to_owned()).collect();
        WebhookUrl::parse(url).ok_or("not http")?.target(&allowed_hosts)
    }

    #[test]
    fn contacts_this_computer_and_allowed_hosts() {
        for url in [
            "http://127.0.0.1:8080/hook?x=1",
            "http://127.9.9.9",
            "https://localhost:1/",
            "HTTP://[::1]:8080/hook",
            "http://Helpdesk.test/hook",
            "https://10.0.0.7/",
        ] {
            assert!(target(url, &["helpdesk.test", "10.0.0.7"]).is_ok(), "{url}");
        }
    }

    #[test]
    fn says_why_it_contacts_nothing_else() {
        for (url, reason) in [
            ("http://example.com/", "--allow-webhooks-to example.com"),
            ("http://localhost.example.com/", "--allow-webhooks-to"),
            ("http://localhost@example.com/", "user name"),
            ("http://127.0.0.1:80@example.com/", "user name"),
            ("http://helpdesk.test.example.com/", "--allow-webhooks-to"),
            ("http://10.0.0.1/", "--allow-webhooks-to 10.0.0.1"),
            ("http://[2001:db8::1]/", "--allow-webhooks-to 2001:db8::1"),
            ("http://127.0.0.1:99999/", "port"),
            ("http://127.0.0.1/a\r\nX: y", "not a valid URL"),
            ("http://127.0.0.1/ä b", "not a valid URL"),
            ("http:///", "not a valid URL"),
        ] {
            let error = target(url, &["helpdesk.test"]).unwrap_err();
            assert!(error.contains(reason), "{url}: {error}");
        }
        assert_eq!(WebhookUrl::parse("ftp://127.0.0.1/"), None);
        assert_eq!(WebhookUrl::parse("localhost"), None);
    }

    #[test]
    fn keeps_the_query_and_drops_the_fragment() {
        let found = target("http://localhost:81?a=b#c", &[]).unwrap();
        assert_eq!(
            (found.path_and_query.as_str(), found.authority.as_str(), found.port),
            ("/?a=b", "localhost:81", 81)
        );
        let found = target("https://[::1]", &[]).unwrap();
        assert_eq!((found.path_and_query.as_str(), found.host.as_str(), found.port), ("/", "::1", 443));
    }
}
