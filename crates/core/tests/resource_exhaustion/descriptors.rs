//! No descriptor is left: to connect, to look a name up, or to read the roots.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::certificates::{Authority, answer_within_tls};
use super::limits::Descriptors;
use super::scripted_server::{Answer, ScriptedServer};
use super::{KEY, assert_named, child, client, configured, get};

const TOO_MANY: &str = "this program has too many open files";

fn usage() -> Answer {
    Answer::json(200, r#"{"usage":{}}"#)
}

#[test]
fn none_to_connect_with() {
    let prepare = || {
        let server = ScriptedServer::new((0..4).map(|_| usage()));
        let arguments = vec![server.base_url()];
        (server, arguments)
    };
    child::run("descriptors::none_to_connect_with", prepare, |arguments| {
        let (first, second) = (client(arguments[0]), client(arguments[0]));
        let taken = Descriptors::take_all_but(0);
        assert_named(&get(&first).unwrap_err(), TOO_MANY);
        drop(taken);
        get(&first).unwrap();
        let taken = Descriptors::take_all_but(0);
        assert_named(&get(&second).unwrap_err(), TOO_MANY);
        // A kept connection needs none.
        get(&first).unwrap();
        drop(taken);
        get(&second).unwrap();
    });
}

#[test]
fn none_to_look_a_name_up_with() {
    let prepare = || {
        let server = ScriptedServer::new([usage()]);
        let arguments = vec![format!("http://localhost:{}", server.address().port())];
        (server, arguments)
    };
    child::run("descriptors::none_to_look_a_name_up_with", prepare, |arguments| {
        let client = client(arguments[0]);
        let taken = Descriptors::take_all_but(0);
        let error = get(&client).unwrap_err();
        assert_named(&error, TOO_MANY);
        assert!(!error.message().contains("base_url"), "{error:?}");
        drop(taken);
        get(&client).unwrap();
    });
}

/// A TLS service whose certificate the system's store vouches for, and `ca_file` does not.
fn service_of_the_systems() -> ((Authority, Authority), Vec<String>) {
    let (system, other) = (Authority::new("system"), Authority::new("other"));
    let config = system.server("127.0.0.1", |_| {});
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            thread::spawn(move || answer_within_tls(stream.unwrap(), config));
        }
    });
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let arguments = vec![base_url, text(&system.file()), text(&other.file())];
    ((system, other), arguments)
}

/// # Safety
/// No other thread of the process looks at its environment.
#[allow(unsafe_code)]
unsafe fn use_as_system_store(file: &str) {
    // SAFETY: as the caller promises.
    unsafe {
        std::env::set_var("SSL_CERT_FILE", file);
        std::env::remove_var("SSL_CERT_DIR");
    }
}

#[test]
#[allow(unsafe_code)]
fn none_to_read_the_roots_with() {
    child::run("descriptors::none_to_read_the_roots_with", service_of_the_systems, |arguments| {
        let [base_url, system, other] = arguments else { panic!("{arguments:?}") };
        // SAFETY: this process has no other thread yet.
        unsafe { use_as_system_store(system) };
        for client in [client(base_url), configured(base_url, |config| config.ca_file(other))] {
            // One for the socket.
            let taken = Descriptors::take_all_but(1);
            for _ in 0..2 {
                assert_named(&get(&client).unwrap_err(), TOO_MANY);
            }
            drop(taken);
            get(&client).unwrap();
            // They were read once and for all.
            let _taken = Descriptors::take_all_but(1);
            get(&client).unwrap();
        }
    });
}

#[test]
#[allow(unsafe_code)]
fn roots_that_cannot_be_read_for_another_reason_are_left_out_until_they_can() {
    let name = "descriptors::roots_that_cannot_be_read_for_another_reason_are_left_out_until_they_can";
    child::run(name, service_of_the_systems, |arguments| {
        let [base_url, system, other] = arguments else { panic!("{arguments:?}") };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        // SAFETY: this process has no other thread yet.
        unsafe { use_as_system_store(file.to_str().unwrap()) };
        let untrusting = configured(base_url, |config| config.ca_file(other));
        let trusting = configured(base_url, |config| config.ca_file(system));
        for client in [&untrusting, &client(base_url)] {
            let error = get(client).unwrap_err();
            assert!(error.message().contains("certificate") && !error.is_retryable(), "{error:?}");
        }
        get(&trusting).unwrap();
        std::fs::copy(system, &file).unwrap();
        get(&untrusting).unwrap();
    });
}

#[test]
fn none_to_read_ca_file_with() {
    let prepare = || {
        let authority = Authority::new("ours");
        let file = authority.file().to_str().unwrap().to_owned();
        (authority, vec![file])
    };
    child::run("descriptors::none_to_read_ca_file_with", prepare, |arguments| {
        let config = upscope::Config::new().api_key(KEY).ca_file(arguments[0]);
        let taken = Descriptors::take_all_but(0);
        let error = upscope::Client::new(config.clone()).unwrap_err();
        assert!(error.message().contains(TOO_MANY), "{error:?}");
        drop(taken);
        upscope::Client::new(config).unwrap();
    });
}
