//! Which certificates the client accepts.

use std::io::{Read, Write};
use std::path::PathBuf;

use rcgen::{CertificateParams, date_time_ymd};
use upscope::{Client, Config, ErrorCode};
use upscope_test_support::{Authority, ScriptedServer, serve_one};

use super::super::{CREATE, KEY, usage};
use super::client;

fn server(authority: &Authority, name: &str, change: impl FnOnce(&mut CertificateParams)) -> ScriptedServer {
    let tls = authority.server_config_with(name, change);
    ScriptedServer::builder().tls(tls).responses([usage()]).repeat_last().start()
}

#[test]
fn a_root_in_ca_file_is_trusted() {
    let authority = Authority::new("ours");
    let server = server(&authority, "127.0.0.1", |_| {});
    let client = client(server.address(), Some(authority.file()));
    for _ in 0..3 {
        assert_eq!(client.call("get_usage", "{}").unwrap(), r#"{"usage":{}}"#);
    }
}

#[test]
fn a_rejected_certificate_is_explained() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let unknown = server(&theirs, "127.0.0.1", |_| {});
    let expired = server(&ours, "127.0.0.1", |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let not_yet_valid = server(&ours, "127.0.0.1", |params| params.not_before = date_time_ymd(2100, 1, 1));
    let other_host = server(&ours, "other.example", |_| {});
    for (server, part) in [
        (unknown, "ca_file"),
        (expired, "has expired"),
        (not_yet_valid, "not valid yet"),
        (other_host, "another host name"),
    ] {
        let client = client(server.address(), Some(ours.file()));
        let error = client.call(CREATE.0, CREATE.1).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
        assert!(error.message().contains(part), "{part}: {error:?}");
        assert_eq!((error.attempts(), error.is_retryable(), error.may_have_applied()), (1, false, false), "{error:?}");
    }
}

#[test]
fn the_server_receives_an_alert_with_the_reason() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let config = theirs.server_config("127.0.0.1");
    let (address, server) =
        serve_one(|connection| connection.start_tls(config).read(&mut [0]).unwrap_err().to_string());
    client(address, Some(ours.file())).call("get_usage", "{}").unwrap_err();
    let error = server.join().unwrap();
    assert!(error.contains("UnknownCA"), "{error}");
}

#[test]
fn an_invalid_ca_file_is_reported_at_once() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let error = |path: PathBuf| {
        let error = Client::new(Config::new().api_key(KEY).ca_file(path)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument);
        error.message().to_owned()
    };
    assert!(error("/nonexistent/roots.pem".into()).contains("does not exist: \"/nonexistent/roots.pem\""));
    assert!(!error(format!("/{KEY}/roots.pem").into()).contains(KEY));
    assert!(error(file.path().into()).contains("holds no certificate"));
    file.write_all(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    assert!(error(file.path().into()).contains("cannot be read"));
}
