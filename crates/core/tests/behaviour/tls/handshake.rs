//! TLS against a real server with certificates made for the test.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use rcgen::{CertificateParams, date_time_ymd};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use upscope::{Client, Config, ErrorCode};

use super::KEY;
use super::certificates::{Authority, answer_within_tls};

/// Serves every connection: one request, one answer, again and again.
fn serve(authority: &Authority, name: &str, change: impl FnOnce(&mut CertificateParams)) -> SocketAddr {
    let config = authority.server(name, change);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let config = config.clone();
            thread::spawn(move || answer_within_tls(stream.unwrap(), config));
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
    let authority = Authority::new("ours");
    let client = client(serve(&authority, "127.0.0.1", |_| {}), Some(authority.file()));
    for _ in 0..3 {
        assert_eq!(client.call("get_usage", "{}").unwrap(), r#"{"usage":{}}"#);
    }
}

#[test]
fn a_refused_certificate_says_why_and_is_not_retried() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
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
        let client = client(address, Some(ours.file()));
        let error = client.call("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
        assert!(error.message().contains(part), "{part}: {error:?}");
        assert_eq!((error.attempts(), error.is_retryable(), error.may_have_applied()), (1, false, false), "{error:?}");
    }
}

#[test]
fn the_server_is_told_why_its_certificate_is_refused() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let config = theirs.server("127.0.0.1", |_| {});
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut connection = rustls::ServerConnection::new(config).unwrap();
        loop {
            if let Err(error) = connection.complete_io(&mut stream) {
                return error.to_string();
            }
        }
    });
    client(address, Some(ours.file())).call("get_usage", "{}").unwrap_err();
    let told = server.join().unwrap();
    assert!(told.contains("UnknownCA"), "{told}");
}

/// A service that runs `first` on its first connection and serves every other one.
fn after(first: impl FnOnce(TcpStream) + Send + 'static, authority: &Authority) -> SocketAddr {
    let config = authority.server("127.0.0.1", |_| {});
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut first = Some(first);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (config, first) = (config.clone(), first.take());
            thread::spawn(move || match first {
                Some(first) => first(stream.unwrap()),
                None => answer_within_tls(stream.unwrap(), config),
            });
        }
    });
    address
}

/// Answers what a client says first with these bytes, and waits until it is gone.
fn says(bytes: &'static [u8]) -> impl FnOnce(TcpStream) + Send + 'static {
    |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(bytes);
        while let Ok(1..) = stream.read(&mut [0; 4096]) {}
    }
}

/// One fatal alert in plain text.
macro_rules! alert {
    ($code:literal) => {
        says(&[21, 3, 3, 0, 2, 2, $code])
    };
}

/// Shakes hands with the last byte of the server's first flight changed.
fn corrupts_the_handshake(config: Arc<ServerConfig>) -> impl FnOnce(TcpStream) + Send + 'static {
    |mut stream| {
        let mut connection = ServerConnection::new(config).unwrap();
        connection.read_tls(&mut stream).unwrap();
        connection.process_new_packets().unwrap();
        let mut flight = Vec::new();
        while connection.wants_write() {
            connection.write_tls(&mut flight).unwrap();
        }
        *flight.last_mut().unwrap() ^= 1;
        stream.write_all(&flight).unwrap();
        while let Ok(1..) = stream.read(&mut [0; 4096]) {}
    }
}

/// Answers the first request with a record that does not decrypt, behind `start` of an answer that does.
fn corrupts_the_answer(config: Arc<ServerConfig>, start: &'static [u8]) -> impl FnOnce(TcpStream) + Send + 'static {
    |stream| {
        let mut tls = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
        assert!(tls.read(&mut [0; 4096]).unwrap() > 0);
        tls.write_all(start).unwrap();
        tls.sock.write_all(&[23, 3, 3, 0, 32]).unwrap();
        tls.sock.write_all(&[7; 32]).unwrap();
        while let Ok(1..) = tls.sock.read(&mut [0; 4096]) {}
    }
}

const CREATE: (&str, &str) = ("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#);

#[test]
fn a_handshake_that_fails_is_tried_again_also_for_a_creation() {
    let authority = Authority::new("ours");
    let config = || authority.server("127.0.0.1", |_| {});
    for address in [
        after(alert!(80), &authority),
        after(alert!(40), &authority),
        after(alert!(112), &authority),
        after(says(b"SSH-2.0-OpenSSH_9.2\r\n"), &authority),
        after(corrupts_the_handshake(config()), &authority),
    ] {
        client(address, Some(authority.file())).call("get_usage", "{}").unwrap();
    }
    for address in [after(alert!(80), &authority), after(corrupts_the_handshake(config()), &authority)] {
        let client = client(address, Some(authority.file()));
        client.call("request", r#"{"method":"POST","path":"/anything"}"#).unwrap();
    }
}

#[test]
fn an_answer_that_does_not_decrypt_is_a_lost_connection() {
    let authority = Authority::new("ours");
    let config = || authority.server("127.0.0.1", |_| {});
    for start in [&b""[..], b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"us"] {
        let address = after(corrupts_the_answer(config(), start), &authority);
        client(address, Some(authority.file())).call("get_usage", "{}").unwrap();
        let address = after(corrupts_the_answer(config(), start), &authority);
        let error = client(address, Some(authority.file())).call(CREATE.0, CREATE.1).unwrap_err();
        let facts = (error.attempts(), error.is_retryable(), error.may_have_applied());
        assert_eq!(facts, (1, false, true), "{error:?}");
        assert!(error.message().contains("a TLS record could not be decrypted while"), "{error:?}");
    }
}

/// The message of a call whose only attempt meets this.
fn message(first: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let authority = Authority::new("ours");
    let client = client(after(first, &authority), Some(authority.file()));
    let error = client.call("get_usage", r#"{"options":{"max_retries":0}}"#).unwrap_err();
    let facts = (error.code(), error.is_retryable(), error.may_have_applied());
    assert_eq!(facts, (ErrorCode::Connection, true, false), "{error:?}");
    error.message().to_owned()
}

#[test]
fn the_alert_that_came_is_named() {
    for (message, part) in [
        (message(alert!(80)), "the TLS alert \"internal error\" (80)"),
        (message(alert!(40)), "the TLS alert \"handshake failure\" (40)"),
        (message(alert!(42)), "the TLS alert \"bad certificate\" (42)"),
        (message(alert!(48)), "the TLS alert \"unknown CA\" (48)"),
        (message(alert!(70)), "no TLS 1.2"),
        (message(alert!(112)), "\"unrecognized name\" (112): it does not serve the host"),
        (message(alert!(116)), "asked for a client certificate"),
        (message(alert!(120)), "\"no application protocol\""),
        (message(alert!(200)), "the TLS alert \"unknown\" (200)"),
        (message(says(b"SSH-2.0-OpenSSH_9.2\r\n")), "does not speak TLS"),
        (message(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")), "does not speak TLS"),
        // A ServerHello that is cut off within its own length.
        (message(says(&[22, 3, 3, 0, 5, 2, 0, 0, 1, 0])), "a TLS message is malformed"),
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_server_that_wants_a_client_certificate_is_told_apart() {
    let authority = Authority::new("ours");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_file_iter(authority.file()).unwrap().map(Result::unwrap));
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots.clone()), provider.clone());
        let (certificate, key) = authority.issue("127.0.0.1", |_| {});
        let config = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[version])
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
        let config = Arc::new(config);
        let address = after(move |stream| answer_within_tls(stream, config), &authority);
        let error = client(address, Some(authority.file())).call("get_usage", r#"{"options":{"max_retries":0}}"#);
        let error = error.unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), (ErrorCode::Connection, true), "{error:?}");
        assert!(error.message().contains("the server asked for a client certificate"), "{version:?}: {error:?}");
    }
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
