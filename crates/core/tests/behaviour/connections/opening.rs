//! Opening a connection.

use std::error::Error;
use std::io;
use std::sync::Barrier;

use upscope::{Client, Config, ErrorCode};
use upscope_test_support::{RefusingAddress, ScriptedServer};

use super::super::{CREATE, KEY, client_with, usage};

#[test]
fn a_failed_connection_is_one_attempt_and_safe_to_retry() {
    let refusing = RefusingAddress::new();
    let port = refusing.address().port();
    for (host, part) in [("127.0.0.1", "was refused"), ("nonexistent.invalid", "found no address")] {
        let config = Config::new().api_key(KEY).base_url(format!("https://{host}:{port}")).proxy("").max_retries(0);
        let error = Client::new(config).unwrap().call(CREATE.0, CREATE.1).unwrap_err();
        let facts = (error.code(), error.is_retryable(), error.may_have_applied());
        assert_eq!(facts, (ErrorCode::Connection, true, false), "{error:?}");
        assert!(error.message().contains(part), "{error:?}");
        assert_eq!(error.attempts(), 1);
        let cause = error.source().map(|cause| cause.downcast_ref::<io::Error>().map(io::Error::kind));
        let expected = (host == "127.0.0.1").then_some(Some(io::ErrorKind::ConnectionRefused));
        assert_eq!(cause, expected, "{error:?}");
    }
}

#[test]
fn many_threads_may_look_up_the_same_host_at_once() {
    const THREADS: usize = 32;
    let server = ScriptedServer::new((0..THREADS).map(|_| usage()));
    let client = client_with(&server, |config| {
        config.base_url(format!("http://localhost:{}/v1.3", server.address().port())).max_retries(0)
    });
    let start = Barrier::new(THREADS);
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                start.wait();
                client.call("get_usage", "{}").unwrap();
            });
        }
    });
}
