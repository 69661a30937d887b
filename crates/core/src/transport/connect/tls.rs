//! TLS over any transport. Certificates are verified with the operating system's roots or by the system itself; `ca_file`
//! adds roots.

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
use crate::support::log::Level;
use crate::support::redact;
use crate::support::secret::Secret;
use crate::transport::attempt::Attempt;
use crate::transport::connect::buffers::WipedBuffers;
use crate::transport::error::{ErrorKind, TransportError};
use crate::transport::shortage;

/// Maximum size of `ca_file`: a hundred times the size of a complete root store.
const MAX_CA_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Maximum length of the path of `ca_file` in an error message, in characters.
const MAX_PATH: usize = 300;

/// The root certificates of one client and its TLS settings. The system's roots are loaded when TLS is first used.
#[derive(Clone)]
pub(crate) struct Roots {
    /// The roots from `ca_file`.
    extra: Arc<[CertificateDer<'static>]>,
    /// Set without a lock, so that a fork while another thread loads the roots does no harm.
    config: Arc<OnceBox<Arc<ClientConfig>>>,
}

impl Roots {
    /// Reads `ca_file` immediately, so that creating the client fails if the file is not valid. Errors name the file, but
    /// not `secrets`, which may have been passed in its place.
    pub(crate) fn new(ca_file: Option<&Path>, secrets: &[Secret]) -> Result<Roots, Error> {
        let name = || {
            let name = ca_file.map(Path::to_string_lossy).unwrap_or_default();
            redact::identifier(&name, secrets, MAX_PATH)
        };
        let invalid = |why: &str| {
            Error::invalid_argument(format!(
                "ca_file {why}: \"{}\"; it must be a file of root certificates in PEM form (-----BEGIN CERTIFICATE-----).",
                name()
            ))
        };
        let mut extra = Vec::new();
        if let Some(path) = ca_file {
            let pem = read_file(path).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => invalid("does not exist"),
                io::ErrorKind::PermissionDenied => invalid("may not be read by this program"),
                io::ErrorKind::FileTooLarge => invalid("is larger than 16 MiB"),
                _ => match shortage::from_io_error(&error) {
                    Some(shortage) => {
                        let name = name();
                        Error::invalid_argument(format!("ca_file cannot be read because {shortage}: \"{name}\"."))
                    }
                    None => invalid("cannot be read"),
                },
            })?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                extra.push(certificate.map_err(|_| invalid("is not valid"))?.into_owned());
            }
            if extra.is_empty() {
                return Err(invalid("holds no certificate"));
            }
            let mut store = rustls::RootCertStore::empty();
            if extra.iter().any(|certificate| store.add(certificate.clone()).is_err()) {
                return Err(invalid("holds a certificate that cannot be read"));
            }
        }
        Ok(Roots { extra: extra.into(), config: Arc::default() })
    }

    /// Describes the source of the roots.
    pub(crate) fn describe(&self) -> String {
        let mut sources = String::from("the operating system's store");
        // If one is set, rustls-native-certs reads it instead of the system's store.
        let overrides: Vec<String> = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
            .iter()
            .filter_map(|name| std::env::var(name).ok().map(|value| format!("{name}={value}")))
            .collect();
        if !overrides.is_empty() && cfg!(all(unix, not(target_vendor = "apple"))) {
            sources = format!("{} instead of the operating system's store", overrides.join(" and "));
        }
        match self.extra.len() {
            0 => sources,
            count => format!("{sources}, and {count} of ca_file"),
        }
    }

    /// The same roots for a forked child, not loaded yet: it must not share the session cache and its lock with its parent.
    pub(crate) fn for_new_process(&self) -> Roots {
        Roots { extra: self.extra.clone(), config: Arc::default() }
    }

    /// The TLS settings. Cached if all roots could be loaded.
    fn config(&self) -> Result<Arc<ClientConfig>, TransportError> {
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let ring = rustls::crypto::ring::default_provider();
        let provider = Arc::new(CryptoProvider { key_provider: &NoClientKeys, ..ring });
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable_roots)?;
        let (builder, is_complete) = self.add_verifier(builder)?;
        let config = Arc::new(builder.with_client_cert_resolver(Arc::new(NoClientCertificate)));
        if is_complete {
            return Ok(self.config.get_or_init(|| Box::new(config)).clone());
        }
        Ok(config)
    }

    /// rustls verifies certificates with the system's root files. Also returns whether all files could be read.
    #[cfg(not(any(windows, target_vendor = "apple")))]
    fn add_verifier(&self, builder: BuilderWithoutVerifier) -> Result<(BuilderWithVerifier, bool), TransportError> {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in self.extra.iter() {
            roots.add(certificate.clone()).map_err(unusable_roots)?;
        }
        let system = rustls_native_certs::load_native_certs();
        if let Some(shortage) = system.errors.iter().find_map(shortage_of) {
            let problem = format!("failed: the root certificates cannot be read because {shortage}");
            return Err(TransportError::new(ErrorKind::Tls, problem));
        }
        // Skips files that are invalid or not readable: the others may be enough.
        for error in &system.errors {
            if let Some(attempt) = Attempt::current() {
                attempt.log(Level::Warn, || format!("some root certificates could not be read: {error}"));
            }
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

    /// The system verifies certificates.
    #[cfg(any(windows, target_vendor = "apple"))]
    fn add_verifier(&self, builder: BuilderWithoutVerifier) -> Result<(BuilderWithVerifier, bool), TransportError> {
        let (extra, provider) = (self.extra.iter().cloned(), builder.crypto_provider().clone());
        let verifier =
            rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider).map_err(unusable_roots)?;
        #[cfg(windows)]
        let verifier = crate::transport::windows::verifier::TimeoutVerifier::new(verifier);
        // `dangerous` is rustls's name for any custom verifier. This one does verify.
        Ok((builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)), true))
    }
}

/// The shortage that made a root file unreadable.
#[cfg(not(any(windows, target_vendor = "apple")))]
fn shortage_of(error: &rustls_native_certs::Error) -> Option<&'static str> {
    match &error.kind {
        rustls_native_certs::ErrorKind::Io { inner, .. } => shortage::from_io_error(inner),
        _ => None,
    }
}

fn unusable_roots(_: rustls::Error) -> TransportError {
    TransportError::new(ErrorKind::Tls, "failed: this computer's root certificates cannot be used")
}

type BuilderWithoutVerifier = ConfigBuilder<ClientConfig, WantsVerifier>;
type BuilderWithVerifier = ConfigBuilder<ClientConfig, WantsClientCert>;

/// Loads no private keys, because this client has no certificate. This keeps ring's signing code out of the library.
#[derive(Debug)]
struct NoClientKeys;

impl KeyProvider for NoClientKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("this client has no private keys".to_owned()))
    }
}

/// Offers no client certificate. Notes that the server requested one, which explains the alert that follows.
#[derive(Debug)]
struct NoClientCertificate;

impl ResolvesClientCert for NoClientCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        if let Some(attempt) = Attempt::current() {
            attempt.on_client_certificate_requested();
        }
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// Reads a regular file. Reading anything else, such as a pipe, could block or never end.
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

/// Adds TLS to a connection for an https URL.
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
        let attempt = Attempt::active()?;
        attempt.on_tls_start();
        let host = details.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            TransportError::new(
                ErrorKind::Certificate,
                "failed: the host in base_url is not a name that a certificate can contain",
            )
            .into_ureq()
        })?;
        let config = self.roots.config().map_err(TransportError::into_ureq)?;
        let mut connection = ClientConnection::new(config, name).map_err(tls_error)?;
        let mut socket = TransportAdapter::new(transport, details.current_time.clone());
        if let Err(error) = connection.complete_io(&mut socket) {
            // The deadline may have passed while the system verified the certificate.
            #[cfg(windows)]
            attempt.time_left().map_err(TransportError::into_ureq)?;
            // Sends the remaining alerts: `complete_io` writes only once, and the adapter takes one message at a time.
            while connection.wants_write() && matches!(connection.write_tls(&mut socket), Ok(1..)) {}
            return Err(error.into());
        }
        Ok(Some(Either::B(TlsTransport {
            buffers: WipedBuffers::new(),
            stream: StreamOwned { conn: connection, sock: socket },
        })))
    }
}

fn tls_error(error: rustls::Error) -> ureq::Error {
    io::Error::new(io::ErrorKind::InvalidData, error).into()
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsConnector")
    }
}

/// A TLS connection. The transport below it does the waiting and obeys the attempt.
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
        f.debug_struct("TlsTransport").field("inner", &self.stream.sock.inner()).finish()
    }
}
