//! No file descriptor is left to connect, to look up a host, or to read root certificates.

use std::path::Path;

use upscope_test_support::{Authority, Response, ScriptedServer};

use super::limits::UsedDescriptors;
use super::{KEY, assert_shortage, client, client_with, get_usage, subprocess};

const TOO_MANY: &str = "this program has too many open files";

fn usage() -> Response {
    Response::json(200, r#"{"usage":{}}"#)
}

#[test]
fn connecting_without_descriptors() {
    let prepare = || {
        let server = ScriptedServer::new((0..4).map(|_| usage()));
        let arguments = vec![server.base_url()];
        (server, arguments)
    };
    subprocess::run("descriptors::connecting_without_descriptors", prepare, |arguments| {
        let (first, second) = (client(arguments[0]), client(arguments[0]));
        let used = UsedDescriptors::all_but(0);
        assert_shortage(&get_usage(&first).unwrap_err(), TOO_MANY);
        drop(used);
        get_usage(&first).unwrap();
        let used = UsedDescriptors::all_but(0);
        assert_shortage(&get_usage(&second).unwrap_err(), TOO_MANY);
        // An open connection needs no further descriptor.
        get_usage(&first).unwrap();
        drop(used);
        get_usage(&second).unwrap();
    });
}

#[test]
fn a_lookup_without_descriptors() {
    let prepare = || {
        let server = ScriptedServer::new([usage()]);
        let arguments = vec![format!("http://localhost:{}", server.address().port())];
        (server, arguments)
    };
    subprocess::run("descriptors::a_lookup_without_descriptors", prepare, |arguments| {
        let client = client(arguments[0]);
        let used = UsedDescriptors::all_but(0);
        let error = get_usage(&client).unwrap_err();
        assert_shortage(&error, TOO_MANY);
        assert!(!error.message().contains("base_url"), "{error:?}");
        drop(used);
        get_usage(&client).unwrap();
    });
}

/// A server with TLS whose certificate is trusted by the system roots, but not by `ca_file`.
fn server_trusted_by_the_system() -> ((ScriptedServer, Authority, Authority), Vec<String>) {
    let (system, other) = (Authority::new("system"), Authority::new("other"));
    let config = system.server_config("127.0.0.1");
    let server = ScriptedServer::builder().tls(config).responses([usage()]).repeat_last().start();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let arguments = vec![server.base_url(), text(&system.file()), text(&other.file())];
    ((server, system, other), arguments)
}

/// # Safety
/// No other thread of the process reads the environment.
#[allow(unsafe_code)]
unsafe fn use_as_system_roots(file: &str) {
    // SAFETY: the caller guarantees it.
    unsafe {
        std::env::set_var("SSL_CERT_FILE", file);
        std::env::remove_var("SSL_CERT_DIR");
    }
}

#[test]
#[allow(unsafe_code)]
fn reading_the_system_roots_without_descriptors() {
    subprocess::run(
        "descriptors::reading_the_system_roots_without_descriptors",
        server_trusted_by_the_system,
        |arguments| {
            let [base_url, system, other] = arguments else { panic!("{arguments:?}") };
            // SAFETY: this process has no other thread yet.
            unsafe { use_as_system_roots(system) };
            for client in [client(base_url), client_with(base_url, |config| config.ca_file(other))] {
                // One descriptor for the socket.
                let used = UsedDescriptors::all_but(1);
                for _ in 0..2 {
                    assert_shortage(&get_usage(&client).unwrap_err(), TOO_MANY);
                }
                drop(used);
                get_usage(&client).unwrap();
                // The roots are read only once.
                let _used = UsedDescriptors::all_but(1);
                get_usage(&client).unwrap();
            }
        },
    );
}

#[test]
#[allow(unsafe_code)]
fn system_roots_that_are_missing_are_ignored_until_they_exist() {
    let name = "descriptors::system_roots_that_are_missing_are_ignored_until_they_exist";
    subprocess::run(name, server_trusted_by_the_system, |arguments| {
        let [base_url, system, other] = arguments else { panic!("{arguments:?}") };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        // SAFETY: this process has no other thread yet.
        unsafe { use_as_system_roots(file.to_str().unwrap()) };
        let untrusting_client = client_with(base_url, |config| config.ca_file(other));
        let trusting_client = client_with(base_url, |config| config.ca_file(system));
        for client in [&untrusting_client, &client(base_url)] {
            let error = get_usage(client).unwrap_err();
            assert!(error.message().contains("certificate") && !error.is_retryable(), "{error:?}");
        }
        get_usage(&trusting_client).unwrap();
        std::fs::copy(system, &file).unwrap();
        get_usage(&untrusting_client).unwrap();
    });
}

#[test]
fn reading_ca_file_without_descriptors() {
    let prepare = || {
        let authority = Authority::new("ours");
        let file = authority.file().to_str().unwrap().to_owned();
        (authority, vec![file])
    };
    subprocess::run("descriptors::reading_ca_file_without_descriptors", prepare, |arguments| {
        let config = upscope::Config::new().api_key(KEY).ca_file(arguments[0]);
        let used = UsedDescriptors::all_but(0);
        let error = upscope::Client::new(config.clone()).unwrap_err();
        assert!(error.message().contains(TOO_MANY), "{error:?}");
        drop(used);
        upscope::Client::new(config).unwrap();
    });
}
