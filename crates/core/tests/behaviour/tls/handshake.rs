//! Handshakes that fail.

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ServerConfig, ServerConnection};
use upscope::{Client, Config, ErrorCode};
use upscope_test_support::{Authority, Connection, Response, serve_one};

use super::super::{CREATE, KEY};
use super::{client, server_after};

/// Responds to the first bytes of the client with these bytes.
fn sends(bytes: &'static [u8]) -> impl Fn(Connection) + Send + Sync + 'static {
    |mut connection| {
        let _ = connection.read(&mut [0; 4096]);
        let _ = connection.write_all(bytes);
        connection.wait_for_close();
    }
}

/// Responds to the first bytes of the client with a fatal alert.
macro_rules! sends_alert {
    ($code:literal) => {
        sends(&[21, 3, 3, 0, 2, 2, $code])
    };
}

/// Corrupts the last byte of the server's first messages.
fn corrupts_the_handshake(config: Arc<ServerConfig>) -> impl Fn(Connection) + Send + Sync + 'static {
    move |mut connection| {
        let mut tls = ServerConnection::new(config.clone()).unwrap();
        tls.read_tls(&mut connection).unwrap();
        tls.process_new_packets().unwrap();
        let mut messages = Vec::new();
        while tls.wants_write() {
            tls.write_tls(&mut messages).unwrap();
        }
        *messages.last_mut().unwrap() ^= 1;
        connection.write_all(&messages).unwrap();
        connection.wait_for_close();
    }
}

#[test]
fn a_failed_handshake_is_retried_also_for_a_create_call() {
    let authority = Authority::new("ours");
    let config = || authority.server_config("127.0.0.1");
    for server in [
        server_after(&authority, sends_alert!(80)),
        server_after(&authority, sends_alert!(40)),
        server_after(&authority, sends_alert!(112)),
        server_after(&authority, sends(b"SSH-2.0-OpenSSH_9.2\r\n")),
        server_after(&authority, corrupts_the_handshake(config())),
    ] {
        client(server.address(), Some(authority.file())).call("get_usage", "{}").unwrap();
    }
    for server in
        [server_after(&authority, sends_alert!(80)), server_after(&authority, corrupts_the_handshake(config()))]
    {
        let client = client(server.address(), Some(authority.file()));
        client.call("request", r#"{"method":"POST","path":"/anything"}"#).unwrap();
    }
}

#[test]
fn a_handshake_that_breaks_is_one_attempt() {
    for response in [Response::close(), Response::reset()] {
        let (address, server) = serve_one(move |mut connection| {
            let _ = connection.read(&mut [0; 4096]);
            connection.respond(&response);
        });
        let config = Config::new().api_key(KEY).base_url(format!("https://{address}")).proxy("").max_retries(0);
        let error = Client::new(config).unwrap().call(CREATE.0, CREATE.1).unwrap_err();
        let facts = (error.code(), error.is_retryable(), error.may_have_applied(), error.attempts());
        assert_eq!(facts, (ErrorCode::Connection, true, false, 1), "{error:?}");
        server.join().unwrap();
    }
}

/// The message of a call whose only attempt meets this server.
fn message(serve: impl Fn(Connection) + Send + Sync + 'static) -> String {
    let authority = Authority::new("ours");
    let server = server_after(&authority, serve);
    let client = client(server.address(), Some(authority.file()));
    let error = client.call("get_usage", r#"{"options":{"max_retries":0}}"#).unwrap_err();
    let facts = (error.code(), error.is_retryable(), error.may_have_applied());
    assert_eq!(facts, (ErrorCode::Connection, true, false), "{error:?}");
    error.message().to_owned()
}

#[test]
fn the_message_names_the_alert() {
    for (message, part) in [
        (message(sends_alert!(80)), "the TLS alert \"internal error\" (80)"),
        (message(sends_alert!(40)), "the TLS alert \"handshake failure\" (40)"),
        (message(sends_alert!(42)), "the TLS alert \"bad certificate\" (42)"),
        (message(sends_alert!(48)), "the TLS alert \"unknown CA\" (48)"),
        (message(sends_alert!(70)), "no TLS 1.2"),
        (message(sends_alert!(112)), "\"unrecognized name\" (112): it does not serve the host"),
        (message(sends_alert!(116)), "asked for a client certificate"),
        (message(sends_alert!(120)), "\"no application protocol\""),
        (message(sends_alert!(200)), "the TLS alert \"unknown\" (200)"),
        (message(sends(b"SSH-2.0-OpenSSH_9.2\r\n")), "does not speak TLS"),
        (message(sends(b"HTTP/1.1 400 Bad Request\r\n\r\n")), "does not speak TLS"),
        // A ServerHello that is shorter than its own length.
        (message(sends(&[22, 3, 3, 0, 5, 2, 0, 0, 1, 0])), "a TLS message is malformed"),
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_server_that_requires_a_client_certificate_is_reported() {
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
        let server = server_after(&authority, move |connection| {
            let _ = connection.start_tls(config.clone()).read_request();
        });
        let client = client(server.address(), Some(authority.file()));
        let error = client.call("get_usage", r#"{"options":{"max_retries":0}}"#).unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), (ErrorCode::Connection, true), "{error:?}");
        assert!(error.message().contains("the server asked for a client certificate"), "{version:?}: {error:?}");
    }
}
