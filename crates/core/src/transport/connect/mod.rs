//! Makes connections: directly or through a proxy, then TLS. A chain of ureq connectors.

use std::sync::Arc;

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
mod socks;
mod tcp;
pub(crate) mod tls;

use crate::transport::attempt::{Phase, State};
use crate::transport::connect::dns::Dns;
use crate::transport::connect::socks::DeadlineTransport;
use crate::transport::connect::tcp::TcpTransport;
use crate::transport::connect::tls::{Roots, TlsConnector};
use crate::transport::error::{ErrorKind, TransportError};

/// Makes the connections of one client.
pub(crate) struct Connect {
    origin: Uri,
    config: Config,
    dns: Arc<Dns>,
    chain: Arc<Chain>,
}

type Chain = dyn Fn(&ConnectionDetails) -> Result<Box<dyn Transport>, ureq::Error> + Send + Sync;

impl Connect {
    /// To `origin`; `config` tells the proxy.
    pub(crate) fn new(origin: Uri, config: Config, roots: Roots) -> Connect {
        let dns = Arc::new(Dns::default());
        let chain = Dial { dns: dns.clone() }.chain(TlsConnector::new(roots)).chain(Connected);
        let chain = move |details: &ConnectionDetails| match chain.connect(details, None)? {
            Some(transport) => Ok(Box::new(transport) as Box<dyn Transport>),
            None => Err(ureq::Error::ConnectionFailed),
        };
        Connect { origin, config, dns, chain: Arc::new(chain) }
    }

    /// A new connection, within the attempt of this thread.
    pub(crate) fn open(&self) -> Result<Box<dyn Transport>, ureq::Error> {
        // [`Dial`] looks up what it connects to, and tells ureq's connectors the time that is left.
        let details = ConnectionDetails {
            uri: &self.origin,
            addrs: self.dns.empty(),
            resolver: &*self.dns,
            config: &self.config,
            request_level: false,
            now: Instant::now(),
            timeout: NextTimeout::default(),
            current_time: Arc::new(Instant::now),
            run_connector: self.chain.clone(),
            register_shutdown: Arc::new(|_| Ok(())),
        };
        let transport = (self.chain)(&details)?;
        if details.needs_tls() && !transport.is_tls() {
            return Err(ureq::Error::TlsRequired);
        }
        Ok(transport)
    }
}

/// Opens the socket.
#[derive(Debug)]
struct Dial {
    dns: Arc<Dns>,
}

impl Connector<()> for Dial {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Self::Out>, ureq::Error> {
        let state = State::active()?;
        // The connection to a proxy comes through here again and shares the time of the whole.
        state.start_connecting();
        let Some(proxy) = details.config.proxy() else {
            let transport = self.directly(details.uri, &state).map_err(|failure| match failure.kind {
                ErrorKind::Dns | ErrorKind::Connect if state.is_tunnelling() => {
                    TransportError { kind: ErrorKind::Proxy, ..failure }
                }
                _ => failure,
            });
            return Ok(Some(Box::new(transport.map_err(TransportError::into_ureq)?)));
        };
        state.enter(Phase::Proxy);
        let addrs = if proxy.resolve_target() {
            let addresses = self.dns.look_up(details.uri, &state).map_err(TransportError::into_ureq)?;
            state.enter(Phase::Proxy);
            self.dns.for_ureq(&addresses)
        } else {
            self.dns.empty()
        };
        let socket = Arc::new(std::sync::Mutex::new(None));
        let registered = socket.clone();
        let paced = ConnectionDetails {
            uri: details.uri,
            addrs,
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: Instant::now(),
            timeout: state.timeout_for_ureq()?,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: Arc::new(move |handle| {
                if let Ok(mut slot) = registered.lock() {
                    *slot = Some(handle.clone());
                }
                if let Some(state) = State::current() {
                    state.watch(handle.clone());
                }
                Ok(())
            }),
        };
        if !matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
            let transport = SocksConnector::default().connect(&paced, None::<()>)?;
            let socket = socket.lock().ok().and_then(|mut slot| slot.take());
            return Ok(
                transport.map(|transport| Box::new(DeadlineTransport::new(transport, socket)) as Box<dyn Transport>)
            );
        }
        // The tunnel's own connection is made by this chain, and paced by it.
        let transport = state.tunnel(|| ConnectProxyConnector::default().connect(&paced, None::<()>))?;
        Ok(transport.map(|transport| Box::new(transport) as Box<dyn Transport>))
    }
}

impl Dial {
    fn directly(&self, uri: &Uri, state: &State) -> Result<TcpTransport, TransportError> {
        let addresses = self.dns.look_up(uri, state)?;
        state.enter(Phase::Connecting);
        TcpTransport::connect(&addresses, state).inspect_err(|_| self.dns.forget(uri))
    }
}

/// The last link: from here on, bytes that leave are bytes of the request.
#[derive(Debug)]
struct Connected;

impl<In: Transport> Connector<In> for Connected {
    type Out = In;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<In>, ureq::Error> {
        let state = State::active()?;
        state.connected();
        Ok(chained)
    }
}
