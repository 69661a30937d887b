//! Hosts whose lookup hangs, and hosts with many addresses.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use upscope::ErrorCode;
use upscope_test_support::{FullListener, Response, ScriptedServer};

use super::interposed::{HANGING, HANGING_LOOKUPS, LACKS_MEMORY, MANY_ADDRESSES, RESOLVABLE, end_hanging_lookups};
use super::{assert_shortage, client, client_with, get_usage, subprocess};

fn server() -> (ScriptedServer, Vec<String>) {
    let server = ScriptedServer::new((0..8).map(|_| Response::json(200, r#"{"usage":{}}"#)));
    let arguments = vec![server.address().port().to_string()];
    (server, arguments)
}

/// Starts threads that each make a call with their own client to one of `hosts` hosts whose lookup hangs.
fn call_hanging_hosts(threads: usize, hosts: usize, timeout: Duration) -> Vec<thread::JoinHandle<upscope::Error>> {
    (0..threads)
        .map(|number| {
            let base_url = format!("http://host{}{HANGING}:1", number % hosts);
            let client = client_with(&base_url, |config| config.timeout(timeout));
            thread::spawn(move || get_usage(&client).unwrap_err())
        })
        .collect()
}

fn wait_until(failure: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < end, "{failure}");
        thread::yield_now();
    }
}

#[test]
fn a_hanging_lookup_does_not_block_other_hosts() {
    subprocess::run("lookups::a_hanging_lookup_does_not_block_other_hosts", server, |arguments| {
        let start = Instant::now();
        let timeout = Duration::from_secs(4);
        let calling = call_hanging_hosts(40, 1, timeout);
        wait_until("no lookup", || HANGING_LOOKUPS.load(Ordering::SeqCst) > 0);
        let healthy =
            client_with(&format!("http://{RESOLVABLE}:{}", arguments[0]), |config| config.timeout(timeout / 2));
        get_usage(&healthy).unwrap();
        assert!(start.elapsed() < timeout, "the hanging calls have ended, so this tests nothing");
        for error in calling.into_iter().map(|call| call.join().unwrap()) {
            assert_eq!(error.code(), ErrorCode::Timeout, "{error:?}");
            assert!(error.message().contains("looking up the host name"), "{error:?}");
        }
        assert_eq!(HANGING_LOOKUPS.load(Ordering::SeqCst), 1);
        // The next call starts a new lookup.
        end_hanging_lookups();
        let retry = client_with(&format!("http://host0{HANGING}:1"), |config| config.timeout(timeout));
        wait_until("no other result", || get_usage(&retry).unwrap_err().code() == ErrorCode::Connection);
    });
}

#[test]
fn too_many_hanging_lookups_are_reported_until_they_end() {
    subprocess::run("lookups::too_many_hanging_lookups_are_reported_until_they_end", server, |arguments| {
        let calling = call_hanging_hosts(32, 32, Duration::from_secs(30));
        wait_until("too few lookups", || HANGING_LOOKUPS.load(Ordering::SeqCst) == 16);
        let base_url = format!("http://{RESOLVABLE}:{}", arguments[0]);
        let healthy = client_with(&base_url, |config| config.timeout(Duration::from_millis(200)));
        let error = get_usage(&healthy).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Timeout, "{error:?}");
        assert!(error.message().contains("too many other names are being looked up"), "{error:?}");
        // An address needs no lookup.
        get_usage(&client(&format!("http://127.0.0.1:{}", arguments[0]))).unwrap();
        end_hanging_lookups();
        get_usage(&client(&base_url)).unwrap();
        calling.into_iter().for_each(|call| drop(call.join().unwrap()));
        assert_eq!(HANGING_LOOKUPS.load(Ordering::SeqCst), 32, "every host was looked up");
    });
}

#[test]
fn more_addresses_than_ureq_passes_on_are_all_tried_in_time() {
    let test = "lookups::more_addresses_than_ureq_passes_on_are_all_tried_in_time";
    let prepare = || {
        let (server, arguments) = server();
        let port = server.address().port();
        let unresponsive: Vec<_> =
            (1..40).map(|number| FullListener::bind(SocketAddr::from(([127, 0, 1, number], port)))).collect();
        ((server, unresponsive), arguments)
    };
    subprocess::run(test, prepare, |arguments| {
        let limit = Duration::from_millis(2000);
        let base_url = format!("http://40{MANY_ADDRESSES}:{}", arguments[0]);
        let client = client_with(&base_url, |config| config.connect_timeout(limit));
        let start = Instant::now();
        get_usage(&client).unwrap();
        assert!(start.elapsed() > limit / 4, "the other addresses responded, so this tests nothing");
    });
}

/// A lookup that the parent started never ends in the child.
#[test]
#[allow(unsafe_code)]
fn a_forked_child_does_not_wait_for_lookups_of_its_parent() {
    subprocess::run("lookups::a_forked_child_does_not_wait_for_lookups_of_its_parent", server, |arguments| {
        let hanging = client_with(&format!("http://host{HANGING}:1"), |config| config.timeout(Duration::from_secs(30)));
        let in_parent = hanging.clone();
        let waiting = thread::spawn(move || get_usage(&in_parent).unwrap_err());
        wait_until("no lookup", || HANGING_LOOKUPS.load(Ordering::SeqCst) == 1);
        // SAFETY: the child needs no other threads of the parent, and exits without unwinding.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
                get_usage(&client(&format!("http://{RESOLVABLE}:{}", arguments[0]))).unwrap();
                end_hanging_lookups();
                assert_eq!(get_usage(&hanging).unwrap_err().code(), ErrorCode::Connection);
                assert_eq!(HANGING_LOOKUPS.load(Ordering::SeqCst), 2);
            }));
            // SAFETY: ends only this process.
            unsafe { libc::_exit(i32::from(outcome.is_err())) };
        }
        let mut status = -1;
        // SAFETY: `status` is a local variable, and `child` is a child of this process.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert_eq!(status, 0);
        end_hanging_lookups();
        assert_eq!(waiting.join().unwrap().code(), ErrorCode::Connection);
    });
}

#[test]
fn a_resolver_without_memory_is_reported() {
    subprocess::run(
        "lookups::a_resolver_without_memory_is_reported",
        || ((), vec![]),
        |_| {
            let error = get_usage(&client(&format!("http://{LACKS_MEMORY}:1"))).unwrap_err();
            assert_shortage(&error, "out of memory");
            assert!(!error.message().contains("base_url"), "{error:?}");
        },
    );
}
