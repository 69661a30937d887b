//! One attempt to send a session to its webhook.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::WebhookUrl;
use super::url::Target;

/// assumed: the time for an attempt.
const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_CONCURRENT_ATTEMPTS: usize = 64;

/// A session to send to one webhook.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) session_id: String,
    pub(crate) url: WebhookUrl,
    /// Shared, because a session can have thousands of webhooks.
    pub(crate) body: Arc<str>,
    /// The number of the next attempt, from 1.
    pub(crate) attempt: u32,
}

/// Makes attempts, a limited number at a time.
pub(crate) struct WebhookSender {
    allowed_hosts: Vec<String>,
    permits: Semaphore,
    tls: OnceCell<TlsConnector>,
}

impl WebhookSender {
    /// `allowed_hosts` may be contacted besides this computer.
    pub(crate) fn new(allowed_hosts: Vec<String>) -> Self {
        Self { allowed_hosts, permits: Semaphore::new(MAX_CONCURRENT_ATTEMPTS), tls: OnceCell::new() }
    }

    /// Where to send a delivery, or the reason why it is refused.
    pub(crate) fn target(&self, delivery: &Delivery) -> Result<Target, String> {
        delivery.url.target(&self.allowed_hosts)
    }

    /// Returns the status of the response, or the reason why there is none.
    pub(crate) async fn attempt(&self, target: &Target, delivery: &Delivery) -> Result<u16, String> {
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        match timeout(TIMEOUT, self.post(target, delivery)).await {
            Ok(result) => result,
            Err(_) => Err(format!("no response within {} seconds", TIMEOUT.as_secs())),
        }
    }

    async fn post(&self, target: &Target, delivery: &Delivery) -> Result<u16, String> {
        let addresses = addresses(target).await?;
        let stream =
            TcpStream::connect(addresses.as_slice()).await.map_err(|error| format!("cannot connect: {error}"))?;
        if !target.tls {
            return exchange(stream, target, delivery).await;
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|error| format!("the host: {error}"))?;
        let stream = self.tls().await?.connect(name, stream).await.map_err(|error| {
            format!("TLS: {error}; the sandbox trusts the certificates of the system and of the file in SSL_CERT_FILE")
        })?;
        exchange(stream, target, delivery).await
    }

    async fn tls(&self) -> Result<&TlsConnector, String> {
        let load = || async { tokio::task::spawn_blocking(load_tls).await.map_err(|error| error.to_string())? };
        self.tls.get_or_try_init(load).await
    }
}

fn load_tls() -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn addresses(target: &Target) -> Result<Vec<SocketAddr>, String> {
    let ips: Vec<IpAddr> = if target.host.eq_ignore_ascii_case("localhost") {
        // A resolver could return other addresses.
        vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
    } else if let Ok(ip) = target.host.parse() {
        vec![ip]
    } else {
        let found = lookup_host((target.host.as_str(), target.port)).await;
        found.map_err(|error| format!("cannot resolve the host: {error}"))?.map(|address| address.ip()).collect()
    };
    Ok(ips.into_iter().map(|ip| SocketAddr::new(ip, target.port)).collect())
}

/// Sends the request on a connected stream, and returns the status of the response.
async fn exchange<S>(stream: S, target: &Target, delivery: &Delivery) -> Result<u16, String>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let request = Request::post(&target.path_and_query)
        .header(HOST, &target.authority)
        .header(USER_AGENT, concat!("upscope-sandbox/", env!("CARGO_PKG_VERSION")))
        .header(CONTENT_TYPE, "application/json")
        .header(CONNECTION, "close")
        .body(Full::new(Bytes::copy_from_slice(delivery.body.as_bytes())))
        .map_err(|error| error.to_string())?;
    let failed = |error: hyper::Error| format!("the exchange failed: {error}");
    let (mut sender, connection) =
        http1::Builder::new().title_case_headers(true).handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(failed);
    // Only the status matters. Nothing is read of a body that may never end.
    connection.abort();
    response.map(|response| response.status().as_u16())
}
