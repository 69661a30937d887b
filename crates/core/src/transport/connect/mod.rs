//! Opens connections with a chain of ureq connectors: TCP or a proxy, then TLS.

use std::sync::{Arc, Mutex};

use ureq::ProxyProtocol;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::Resolver;
use ureq::unversioned::transport::time::Instant;
use ureq::unversioned::transport::{
    ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, SocksConnector, Transport,
};

pub(crate) mod blocking;
pub(crate) mod buffers;
mod dns;
mod happy_eyeballs;
mod liveness;
mod open_sockets;
mod socks;
mod tcp;
pub(crate) mod tls;

use crate::transport::attempt::Attempt;
use crate::transport::connect::dns::DnsResolver;
use crate::transport::connect::open_sockets::OpenSockets;
use crate::transport::connect::socks::DeadlineTransport;
use crate::transport::connect::tcp::TcpTransport;
use crate::transport::connect::tls::{Roots, TlsConnector};
use crate::transport::error::{ErrorKind, TransportError};

/// Opens the connections of one client in one process.
pub(crate) struct ConnectorChain {
    origin: Uri,
    config: Config,
    dns: Arc<DnsResolver>,
    sockets: Arc<OpenSockets>,
    run_connector: Arc<RunConnector>,
}

/// As ureq's own type of this name, which is private.
type RunConnector = dyn Fn(&ConnectionDetails) -> Result<Box<dyn Transport>, ureq::Error> + Send + Sync;

impl ConnectorChain {
    /// Connectors to `origin`, through the proxy in `config` if there is one.
    pub(crate) fn new(origin: Uri, config: Config, roots: Roots) -> ConnectorChain {
        let dns = Arc::new(DnsResolver::default());
        let sockets = Arc::new(OpenSockets::default());
        let chain = TcpConnector { dns: dns.clone(), sockets: sockets.clone() }
            .chain(TlsConnector::new(roots))
            .chain(ConnectedNotifier);
        let run_connector = move |details: &ConnectionDetails| match chain.connect(details, None)? {
            Some(transport) => Ok(Box::new(transport) as Box<dyn Transport>),
            None => Err(ureq::Error::ConnectionFailed),
        };
        ConnectorChain { origin, config, dns, sockets, run_connector: Arc::new(run_connector) }
    }

    /// Shuts down every connection that is open.
    pub(crate) fn shut_down(&self) {
        self.sockets.shut_down();
    }

    /// Opens a connection for the current attempt of this thread.
    pub(crate) fn connect(&self) -> Result<Box<dyn Transport>, ureq::Error> {
        // No addresses and no timeout: [`TcpConnector`] resolves the host and reads the attempt's deadline.
        let details = ConnectionDetails {
            uri: &self.origin,
            addrs: self.dns.empty(),
            resolver: &*self.dns,
            config: &self.config,
            request_level: false,
            now: Instant::now(),
            timeout: NextTimeout::default(),
            current_time: Arc::new(Instant::now),
            run_connector: self.run_connector.clone(),
            register_shutdown: Arc::new(|_| Ok(())),
        };
        let transport = (self.run_connector)(&details)?;
        if details.needs_tls() && !transport.is_tls() {
            return Err(ureq::Error::TlsRequired);
        }
        Ok(transport)
    }
}

/// Opens a TCP connection to the service, directly or through a proxy.
#[derive(Debug)]
struct TcpConnector {
    dns: Arc<DnsResolver>,
    sockets: Arc<OpenSockets>,
}

impl Connector<()> for TcpConnector {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Self::Out>, ureq::Error> {
        let attempt = Attempt::active()?;
        // ureq's proxy connector calls this connector again for the connection to the proxy.
        attempt.on_connect_start();
        let Some(proxy) = details.config.proxy() else {
            let transport = self.connect_directly(details.uri, &attempt).map_err(|error| match error.kind {
                ErrorKind::Dns | ErrorKind::Connect if attempt.in_tunnel() => {
                    TransportError { kind: ErrorKind::Proxy, ..error }
                }
                _ => error,
            });
            return Ok(Some(Box::new(transport.map_err(TransportError::into_ureq)?)));
        };
        attempt.on_proxy_start();
        let addrs = if proxy.resolve_target() {
            let addresses = self.dns.lookup(details.uri, &attempt).map_err(TransportError::into_ureq)?;
            attempt.on_proxy_start();
            self.dns.to_ureq(&addresses)
        } else {
            self.dns.empty()
        };
        let socket = Arc::new(Mutex::new(None));
        let (registered, sockets) = (socket.clone(), self.sockets.clone());
        let proxy_details = ConnectionDetails {
            uri: details.uri,
            addrs,
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: Instant::now(),
            timeout: attempt.timeout_for_ureq()?,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: Arc::new(move |handle| {
                if let Ok(mut slot) = registered.lock() {
                    *slot = Some(handle.clone());
                }
                sockets.add(handle.clone());
                let attempt = Attempt::active()?;
                attempt.watch_socket(handle);
                attempt.time_left().map(|_| ()).map_err(TransportError::into_ureq)
            }),
        };
        if !matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
            let transport = SocksConnector::default().connect(&proxy_details, None::<()>)?;
            let socket = socket.lock().ok().and_then(|mut slot| slot.take());
            return Ok(
                transport.map(|transport| Box::new(DeadlineTransport::new(transport, socket)) as Box<dyn Transport>)
            );
        }
        // The tunnel's own connection is a [`TcpTransport`], which obeys the deadline.
        let transport = attempt.open_tunnel(|| ConnectProxyConnector::default().connect(&proxy_details, None::<()>))?;
        Ok(transport.map(|transport| Box::new(transport) as Box<dyn Transport>))
    }
}

impl TcpConnector {
    fn connect_directly(&self, uri: &Uri, attempt: &Attempt) -> Result<TcpTransport, TransportError> {
        let addresses = self.dns.lookup(uri, attempt)?;
        attempt.on_tcp_connect_start();
        let transport = TcpTransport::connect(&addresses, attempt).inspect_err(|_| self.dns.forget(uri))?;
        self.sockets.add(transport.shutdown_handle());
        Ok(transport)
    }
}

/// The last connector of the chain. Tells the attempt that the connection is open.
#[derive(Debug)]
struct ConnectedNotifier;

impl<In: Transport> Connector<In> for ConnectedNotifier {
    type Out = In;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<In>, ureq::Error> {
        Attempt::active()?.on_connected();
        Ok(chained)
    }
}
