//! TLS against a real server with certificates made for the test.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivatePkcs8KeyDer;
use upscope::{Client, Config, ErrorCode};

use super::KEY;
use super::scripted_server::response;

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: tempfile::TempPath,
}

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(issuer.pem().as_bytes()).unwrap();
    Authority { issuer, file: file.into_temp_path() }
}

/// Serves every connection: one request, one answer, again and again.
fn serve(authority: &Authority, name: &str, change: impl FnOnce(&mut CertificateParams)) -> SocketAddr {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let config = config.clone();
            thread::spawn(move || {
                let connection = rustls::ServerConnection::new(config).unwrap();
                let mut stream = rustls::StreamOwned::new(connection, stream.unwrap());
                let mut seen = Vec::new();
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut buffer) {
                    seen.extend_from_slice(&buffer[..count]);
                    if seen.ends_with(b"\r\n\r\n") {
                        seen.clear();
                        stream.write_all(&response(200, "", br#"{"usage":{}}"#)).unwrap();
                    }
                }
            });
        }
    });
    address
}

fn client(address: SocketAddr, ca_file: Option<PathBuf>) -> Client {
    let mut config = Config::new().api_key(KEY).base_url(format!("https://{address}")).proxy("").max_retries(2);
    if let Some(path) = ca_file {
        config = config.ca_file(path);
    }
    Client::new(config).unwrap()
}

#[test]
fn a_root_of_ones_own_is_trusted() {
    let authority = authority("ours");
    let client = client(serve(&authority, "127.0.0.1", |_| {}), Some(authority.file.to_path_buf()));
    for _ in 0..3 {
        assert_eq!(client.call("get_usage", "{}").unwrap(), r#"{"usage":{}}"#);
    }
}

#[test]
fn a_refused_certificate_says_why_and_is_not_retried() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let unknown = serve(&theirs, "127.0.0.1", |_| {});
    let expired = serve(&ours, "127.0.0.1", |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let early = serve(&ours, "127.0.0.1", |params| params.not_before = date_time_ymd(2100, 1, 1));
    let elsewhere = serve(&ours, "other.example", |_| {});
    for (address, part) in
        [(unknown, "ca_file"), (expired, "has expired"), (early, "not valid yet"), (elsewhere, "another host name")]
    {
        let client = client(address, Some(ours.file.to_path_buf()));
        let error = client.call("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
        assert!(error.message().contains(part), "{part}: {error:?}");
        assert_eq!((error.attempts(), error.is_retryable(), error.may_have_applied()), (1, false, false), "{error:?}");
    }
}

#[test]
fn the_server_is_told_why_its_certificate_is_refused() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &theirs.issuer).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        loop {
            if let Err(error) = connection.complete_io(&mut stream) {
                return error.to_string();
            }
        }
    });
    client(address, Some(ours.file.to_path_buf())).call("get_usage", "{}").unwrap_err();
    let told = server.join().unwrap();
    assert!(told.contains("UnknownCA"), "{told}");
}

#[test]
fn what_does_not_speak_tls() {
    let server = super::ScriptedServer::new([]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
        let _ = stream.read(&mut [0; 4096]);
    });
    let error = client(address, None).call("get_usage", "{}").unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), (ErrorCode::Connection, false), "{error:?}");
    assert!(error.message().contains("does not speak TLS"), "{error:?}");
    drop(server);
}

#[test]
fn a_wrong_ca_file_is_found_out_at_once() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let refused = |path: PathBuf| {
        let error = Client::new(Config::new().api_key(KEY).ca_file(path)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument);
        error.message().to_owned()
    };
    assert!(refused("/nonexistent/roots.pem".into()).contains("does not exist"));
    assert!(refused(file.path().into()).contains("holds no certificate"));
    file.write_all(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    assert!(refused(file.path().into()).contains("cannot be read"));
}
