//! The service with TLS and a certificate made for the test; also behind a proxy that looks into TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"usage\":{}}";

/// Issues certificates; its own is in `file`.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: tempfile::TempPath,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(issuer.pem().as_bytes()).unwrap();
        Authority { issuer, file: file.into_temp_path() }
    }

    pub fn file(&self) -> PathBuf {
        Path::new(&self.file).to_owned()
    }

    /// A certificate for `name`, and its key.
    pub fn issue(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    fn server_config(&self, name: &str) -> Arc<ServerConfig> {
        let (certificate, key) = self.issue(name, |_| {});
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
        Arc::new(config)
    }
}

/// Serves `https://{name}` until the test ends.
pub fn https(authority: &Authority, name: &str) -> SocketAddr {
    let config = authority.server_config(name);
    listen(move |stream| speak_tls(stream, config.clone()))
}

/// Serves plain `http`.
pub fn http() -> SocketAddr {
    listen(answer_all)
}

/// A proxy that answers in the name of whatever it is asked to connect to, with a certificate of its own authority.
pub fn inspecting_proxy(authority: &Authority, name: &str) -> SocketAddr {
    let config = authority.server_config(name);
    listen(move |mut stream| {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_exact(&mut byte).is_err() {
                return;
            }
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"CONNECT "), "{}", String::from_utf8_lossy(&head));
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        speak_tls(stream, config.clone());
    })
}

fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream.unwrap()));
        }
    });
    address
}

fn speak_tls(stream: TcpStream, config: Arc<ServerConfig>) {
    answer_all(StreamOwned::new(ServerConnection::new(config).unwrap(), stream));
}

fn answer_all(mut stream: impl Read + Write) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..count]);
        if seen.ends_with(b"\r\n\r\n") {
            seen.clear();
            if stream.write_all(ANSWER).is_err() {
                return;
            }
        }
    }
}
