//! TLS against a real server with certificates made for the test.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::thread;

use rcgen::{CertificateParams, date_time_ymd};
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
