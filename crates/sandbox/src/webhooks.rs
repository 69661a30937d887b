//! Tells a session's webhook that the session has ended. Never leaves this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::authority::{Authority, Host};

/// assumed: one try, given up after this long.
const PATIENCE: Duration = Duration::from_secs(5);
const MOST_AT_ONCE: usize = 64;

/// Where a session is reported to: http on a loopback address, nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hook {
    host: String,
    path: String,
    addresses: Vec<SocketAddr>,
}

impl Hook {
    /// `None` where the sandbox will not call.
    pub(crate) fn on_loopback(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?;
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        let Authority { host: named, port } = Authority::parse(host)?;
        let ips = match named {
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

/// One report on its way.
pub(crate) struct Delivery {
    pub(crate) hook: Hook,
    /// Shared: a session may have thousands of webhooks.
    pub(crate) body: Arc<str>,
}

/// Sends reports in the background, a bounded number of them at once.
pub(crate) struct Postman {
    slots: Arc<Semaphore>,
}

impl Postman {
    pub(crate) fn new() -> Self {
        Self { slots: Arc::new(Semaphore::new(MOST_AT_ONCE)) }
    }

    pub(crate) fn send(&self, delivery: Delivery) {
        let slots = self.slots.clone();
        tokio::spawn(async move {
            let _slot = slots.acquire_owned().await;
            // assumed: a webhook that fails is forgotten, as the service promises no repeat.
            let _ = tokio::time::timeout(PATIENCE, post(&delivery)).await;
        });
    }
}

async fn post(delivery: &Delivery) -> std::io::Result<()> {
    let Hook { host, path, addresses } = &delivery.hook;
    let mut stream = TcpStream::connect(addresses.as_slice()).await?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        delivery.body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(delivery.body.as_bytes()).await?;
    // Closing before the answer came could reset the connection under the receiver.
    stream.read(&mut [0; 512]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_ever_called() {
        for url in
            ["http://127.0.0.1:8080/hook?x=1", "http://127.9.9.9", "http://localhost:1/", "http://[::1]:8080/hook"]
        {
            assert!(Hook::on_loopback(url).is_some(), "{url}");
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
            assert!(Hook::on_loopback(url).is_none(), "{url}");
        }
    }

    #[test]
    fn the_path_keeps_its_query_and_loses_its_fragment() {
        let hook = Hook::on_loopback("http://localhost:81?a=b#c").unwrap();
        assert_eq!((hook.path.as_str(), hook.host.as_str()), ("/?a=b", "localhost:81"));
        assert_eq!(hook.addresses[0], "127.0.0.1:81".parse().unwrap());
    }
}
