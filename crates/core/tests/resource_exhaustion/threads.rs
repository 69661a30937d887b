//! No thread can be started: for a lookup, or for a background call.

use std::sync::atomic::Ordering;

use upscope_test_support::{Response, ScriptedServer};

use super::interposed::{NO_THREADS, RESOLVABLE};
use super::{assert_shortage, client, get_usage, subprocess};

fn server() -> (ScriptedServer, Vec<String>) {
    let usage = || Response::json(200, r#"{"usage":{}}"#);
    let server = ScriptedServer::new([usage(), Response::close(), usage(), usage()]);
    let arguments = vec![format!("http://{RESOLVABLE}:{}", server.address().port())];
    (server, arguments)
}

#[test]
fn a_lookup_without_threads() {
    subprocess::run("threads::a_lookup_without_threads", server, |arguments| {
        let first = client(arguments[0]);
        NO_THREADS.store(true, Ordering::SeqCst);
        // More often than there are permits, so each failure must release its permit.
        for _ in 0..40 {
            assert_shortage(&get_usage(&first).unwrap_err(), "this program cannot start more threads");
        }
        NO_THREADS.store(false, Ordering::SeqCst);
        get_usage(&first).unwrap();
        // The addresses are cached by now, also for a connection that replaces a broken one.
        NO_THREADS.store(true, Ordering::SeqCst);
        get_usage(&first).unwrap();
        let second = client(arguments[0]);
        assert_shortage(&get_usage(&second).unwrap_err(), "this program cannot start more threads");
        NO_THREADS.store(false, Ordering::SeqCst);
        get_usage(&second).unwrap();
    });
}

#[test]
fn a_background_call_without_threads() {
    subprocess::run("threads::a_background_call_without_threads", server, |arguments| {
        let client = client(arguments[0]);
        NO_THREADS.store(true, Ordering::SeqCst);
        let error = client.start_polled("get_usage", "{}").unwrap_err();
        assert!(error.message().contains("cannot start a thread"), "{error:?}");
        NO_THREADS.store(false, Ordering::SeqCst);
        client.start_polled("get_usage", "{}").unwrap().wait(None).unwrap().unwrap();
    });
}
