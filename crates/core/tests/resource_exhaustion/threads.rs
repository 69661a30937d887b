//! No thread can be started: to look a name up, or for a started call.

use std::sync::atomic::Ordering;

use super::interposed::{ALIVE, NO_THREADS};
use super::scripted_server::{Answer, ScriptedServer};
use super::{assert_named, child, client, get};

fn server() -> (ScriptedServer, Vec<String>) {
    let usage = || Answer::json(200, r#"{"usage":{}}"#);
    let server = ScriptedServer::new([usage(), Answer::BytesThenClose(vec![]), usage(), usage()]);
    let arguments = vec![format!("http://{ALIVE}:{}", server.address().port())];
    (server, arguments)
}

#[test]
fn none_to_look_a_name_up() {
    child::run("threads::none_to_look_a_name_up", server, |arguments| {
        let first = client(arguments[0]);
        NO_THREADS.store(true, Ordering::SeqCst);
        // More often than there are permits: each failure gives its permit back.
        for _ in 0..40 {
            assert_named(&get(&first).unwrap_err(), "this program can start no more threads");
        }
        NO_THREADS.store(false, Ordering::SeqCst);
        get(&first).unwrap();
        // The addresses are known by now, also for a connection in place of one that breaks.
        NO_THREADS.store(true, Ordering::SeqCst);
        get(&first).unwrap();
        let second = client(arguments[0]);
        assert_named(&get(&second).unwrap_err(), "this program can start no more threads");
        NO_THREADS.store(false, Ordering::SeqCst);
        get(&second).unwrap();
    });
}

#[test]
fn none_for_a_started_call() {
    child::run("threads::none_for_a_started_call", server, |arguments| {
        let client = client(arguments[0]);
        NO_THREADS.store(true, Ordering::SeqCst);
        let error = client.start_polled("get_usage", "{}").unwrap_err();
        assert!(error.message().contains("can start no thread"), "{error:?}");
        NO_THREADS.store(false, Ordering::SeqCst);
        client.start_polled("get_usage", "{}").unwrap().wait(None).unwrap().unwrap();
    });
}
