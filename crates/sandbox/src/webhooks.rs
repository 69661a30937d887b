//! Sends sessions that have ended to their webhooks. Only loopback addresses are contacted.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::http::host_port::{Host, HostPort};

/// assumed: one attempt with this timeout.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_CONCURRENT_DELIVERIES: usize = 64;

/// The URL of a webhook: plain HTTP on a loopback address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebhookUrl {
    host: String,
    path: String,
    addresses: Vec<SocketAddr>,
}

impl WebhookUrl {
    /// Returns `None` for URLs that the sandbox does not contact.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?;
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        let HostPort { host: parsed_host, port } = HostPort::parse(host)?;
        let ips = match parsed_host {
            Host::Localhost => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            Host::Ip(ip) => vec![ip],
        };
        ips.iter().all(IpAddr::is_loopback).then(|| Self {
            host: host.to_owned(),
            path: if path.starts_with('/') { path.to_owned() } else { format!("/{path}") },
            addresses: ips.into_iter().map(|ip| SocketAddr::new(ip, port)).collect(),
        })
    }
}

impl WebhookUrl {
    pub(crate) fn url(&self) -> String {
        format!("http://{}{}", self.host, self.path)
    }
}

/// A session to send to one webhook.
pub(crate) struct Delivery {
    pub(crate) url: WebhookUrl,
    /// Shared, because a session can have thousands of webhooks.
    pub(crate) body: Arc<str>,
}

/// Delivers webhooks in the background, a limited number at a time.
pub(crate) struct WebhookSender {
    permits: Arc<Semaphore>,
}

impl WebhookSender {
    pub(crate) fn new() -> Self {
        Self { permits: Arc::new(Semaphore::new(MAX_CONCURRENT_DELIVERIES)) }
    }

    pub(crate) fn send(&self, delivery: Delivery) {
        let permits = self.permits.clone();
        tokio::spawn(async move {
            let _permit = permits.acquire_owned().await;
            // assumed: a failed delivery is not retried, because the service documents no retries.
            let _ = tokio::time::timeout(DELIVERY_TIMEOUT, post(&delivery)).await;
        });
    }
}

async fn post(delivery: &Delivery) -> std::io::Result<()> {
    let WebhookUrl { host, path, addresses } = &delivery.url;
    let mut stream = TcpStream::connect(addresses.as_slice()).await?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        delivery.body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(delivery.body.as_bytes()).await?;
    // Closing the connection before the response arrives could reset it while the receiver reads.
    stream.read(&mut [0; 512]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_loopback_urls() {
        for url in
            ["http://127.0.0.1:8080/hook?x=1", "http://127.9.9.9", "http://localhost:1/", "http://[::1]:8080/hook"]
        {
            assert!(WebhookUrl::parse(url).is_some(), "{url}");
        }
        for url in [
            "https://127.0.0.1/",
            "http://example.com/",
            "http://localhost.example.com/",
            "http://localhost@example.com/",
            "http://127.0.0.1:80@example.com/",
            "http://10.0.0.1/",
            "http://[2001:db8::1]/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1/a\r\nX: y",
            "http:///",
            "ftp://127.0.0.1/",
        ] {
            assert!(WebhookUrl::parse(url).is_none(), "{url}");
        }
    }

    #[test]
    fn keeps_the_query_and_drops_the_fragment() {
        let url = WebhookUrl::parse("http://localhost:81?a=b#c").unwrap();
        assert_eq!((url.path.as_str(), url.host.as_str()), ("/?a=b", "localhost:81"));
        assert_eq!(url.addresses[0], "127.0.0.1:81".parse().unwrap());
    }
}
