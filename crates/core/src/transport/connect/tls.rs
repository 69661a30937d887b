//! TLS over any transport: the operating system's roots, or its own verdict on certificates, with `ca_file` added.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::client::{ResolvesClientCert, WantsClientCert};
use rustls::crypto::{CryptoProvider, KeyProvider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{ClientConfig, ClientConnection, ConfigBuilder, SignatureScheme, StreamOwned, WantsVerifier};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport, TransportAdapter,
};

use crate::error::Error;
#[cfg(not(any(windows, target_vendor = "apple")))]
use crate::support::log::{self, Level};
use crate::transport::attempt::{Phase, State};
use crate::transport::connect::buffers::WipedBuffers;
use crate::transport::error::{ErrorKind, TransportError};
use crate::transport::shortage;

/// Largest `ca_file`: a hundred times a whole store of roots.
const MAX_CA_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// The roots of one client, read when TLS is first needed, and its TLS settings.
#[derive(Clone)]
pub(crate) struct Roots {
    extra: Arc<[CertificateDer<'static>]>,
    /// Set without a lock, for a fork while another thread reads the roots.
    config: Arc<OnceBox<Arc<ClientConfig>>>,
}

impl Roots {
    /// Reads `ca_file` at once, so that a wrong file is found out when the client is made.
    pub(crate) fn new(ca_file: Option<&Path>) -> Result<Roots, Error> {
        let refuse = |why: &str| {
            Error::invalid_argument(format!(
                "ca_file {why}; it must be a file of root certificates in PEM form (-----BEGIN CERTIFICATE-----)."
            ))
        };
        let mut extra = Vec::new();
        if let Some(path) = ca_file {
            let pem = read_file(path).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => refuse("does not exist"),
                io::ErrorKind::PermissionDenied => refuse("may not be read by this program"),
                io::ErrorKind::FileTooLarge => refuse("is larger than 16 MiB"),
                _ => match shortage::named(&error) {
                    Some(shortage) => Error::invalid_argument(format!("ca_file cannot be read because {shortage}.")),
                    None => refuse("cannot be read"),
                },
            })?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                extra.push(certificate.map_err(|_| refuse("is not valid"))?.into_owned());
            }
            if extra.is_empty() {
                return Err(refuse("holds no certificate"));
            }
            let mut store = rustls::RootCertStore::empty();
            if extra.iter().any(|certificate| store.add(certificate.clone()).is_err()) {
                return Err(refuse("holds a certificate that cannot be read"));
            }
        }
        Ok(Roots { extra: extra.into(), config: Arc::default() })
    }

    /// Where the roots come from, for a person.
    pub(crate) fn describe(&self) -> String {
        let mut sources = String::from("the operating system's store");
        // rustls-native-certs reads these in its place.
        let named: Vec<String> = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
            .iter()
            .filter_map(|name| std::env::var(name).ok().map(|value| format!("{name}={value}")))
            .collect();
        if !named.is_empty() && cfg!(all(unix, not(target_vendor = "apple"))) {
            sources = format!("{} instead of the operating system's store", named.join(" and "));
        }
        match self.extra.len() {
            0 => sources,
            count => format!("{sources}, and {count} of ca_file"),
        }
    }

    /// The same roots, to be read again: a forked child shares no session cache, and so no lock, with its parent.
    pub(crate) fn for_new_process(&self) -> Roots {
        Roots { extra: self.extra.clone(), config: Arc::default() }
    }

    /// The TLS settings. Kept once every root could be read.
    fn config(&self) -> Result<Arc<ClientConfig>, TransportError> {
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let ring = rustls::crypto::ring::default_provider();
        let provider = Arc::new(CryptoProvider { key_provider: &NoClientKeys, ..ring });
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(unusable)?;
        let (builder, is_complete) = self.trusted(builder)?;
        let config = Arc::new(builder.with_client_cert_resolver(Arc::new(NoClientCertificate)));
        if is_complete {
            return Ok(self.config.get_or_init(|| Box::new(config)).clone());
        }
        Ok(config)
    }

    /// The system has files of roots, and rustls judges. Also tells whether all of them could be read.
    #[cfg(not(any(windows, target_vendor = "apple")))]
    fn trusted(&self, builder: Untrusting) -> Result<(Trusting, bool), TransportError> {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in self.extra.iter() {
            roots.add(certificate.clone()).map_err(unusable)?;
        }
        let system = rustls_native_certs::load_native_certs();
        if let Some(shortage) = system.errors.iter().find_map(shortage_of) {
            let problem = format!("failed: the root certificates cannot be read because {shortage}");
            return Err(TransportError::new(ErrorKind::Tls, problem));
        }
        // A file that is broken or that this program may not read is left out: the rest may do, and does until it is mended.
        for error in &system.errors {
            log::write(Level::Warn, || format!("some root certificates could not be read: {error}"));
        }
        roots.add_parsable_certificates(system.certs);
        if roots.is_empty() {
            return Err(TransportError::new(
                ErrorKind::Certificate,
                "failed: no root certificates could be read from this computer; give them as ca_file",
            ));
        }
        Ok((builder.with_root_certificates(roots), system.errors.is_empty()))
    }

    /// The system itself judges.
    #[cfg(any(windows, target_vendor = "apple"))]
    fn trusted(&self, builder: Untrusting) -> Result<(Trusting, bool), TransportError> {
        let (extra, provider) = (self.extra.iter().cloned(), builder.crypto_provider().clone());
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider).map_err(unusable)?;
        #[cfg(windows)]
        let verifier = crate::transport::windows::verifier::TimeoutVerifier::new(verifier);
        // The name is rustls's: this verifier asks the operating system, it does not skip the check.
        Ok((builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)), true))
    }
}

/// The shortage for which a file of roots could not be read.
#[cfg(not(any(windows, target_vendor = "apple")))]
fn shortage_of(error: &rustls_native_certs::Error) -> Option<&'static str> {
    match &error.kind {
        rustls_native_certs::ErrorKind::Io { inner, .. } => shortage::named(inner),
        _ => None,
    }
}

fn unusable(_: rustls::Error) -> TransportError {
    TransportError::new(ErrorKind::Tls, "failed: this computer's root certificates cannot be used")
}

type Untrusting = ConfigBuilder<ClientConfig, WantsVerifier>;
type Trusting = ConfigBuilder<ClientConfig, WantsClientCert>;

/// This client has no certificate of its own, so nothing to sign with: ring's signing is not linked.
#[derive(Debug)]
struct NoClientKeys;

impl KeyProvider for NoClientKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("this client signs nothing".to_owned()))
    }
}

/// Notes that a server asks for a certificate: it explains the alert that follows.
#[derive(Debug)]
struct NoClientCertificate;

impl ResolvesClientCert for NoClientCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        if let Some(state) = State::current() {
            state.request_client_certificate();
        }
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// A file of certificates. Anything but a file, such as a pipe, could wait or go on for ever.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_CA_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_CA_FILE_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Wraps the connection in TLS where the URL says https.
pub(crate) struct TlsConnector {
    roots: Roots,
}

impl TlsConnector {
    pub(crate) fn new(roots: Roots) -> TlsConnector {
        TlsConnector { roots }
    }
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsTransport<In>>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, ureq::Error> {
        let Some(transport) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() || transport.is_tls() {
            return Ok(Some(Either::A(transport)));
        }
        let state = State::active()?;
        state.enter(Phase::Tls);
        let host = details.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            TransportError::new(
                ErrorKind::Certificate,
                "failed: the host in base_url is no name a certificate can hold",
            )
            .into_ureq()
        })?;
        let config = self.roots.config().map_err(TransportError::into_ureq)?;
        let mut connection = ClientConnection::new(config, name).map_err(wrap)?;
        let mut socket = TransportAdapter::new(transport, details.current_time.clone());
        if let Err(error) = connection.complete_io(&mut socket) {
            // The deadline may have passed while the system thought about the certificate.
            #[cfg(windows)]
            state.time_left().map_err(TransportError::into_ureq)?;
            // It tried once to say why; the adapter takes one message at a time.
            while connection.wants_write() && matches!(connection.write_tls(&mut socket), Ok(1..)) {}
            return Err(error.into());
        }
        Ok(Some(Either::B(TlsTransport {
            buffers: WipedBuffers::new(),
            stream: StreamOwned { conn: connection, sock: socket },
        })))
    }
}

fn wrap(error: rustls::Error) -> ureq::Error {
    io::Error::new(io::ErrorKind::InvalidData, error).into()
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsConnector")
    }
}

/// A connection within TLS. The wait is in the transport below, which knows the attempt.
pub(crate) struct TlsTransport<T: Transport> {
    buffers: WipedBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter<T>>,
}

impl<T: Transport> Transport for TlsTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let output = &self.buffers.output()[..amount];
        self.stream.write_all(output)?;
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl<T: Transport> fmt::Debug for TlsTransport<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport").field("below", &self.stream.sock.inner()).finish()
    }
}
