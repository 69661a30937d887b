//! Names whose DNS does not answer, and names with many addresses.

use std::net::TcpListener;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::interposed::{ALIVE, DEAD, DEAD_LOOK_UPS, MANY, NO_MEMORY, answer_the_dead};
use super::scripted_server::{Answer, ScriptedServer};
use super::{assert_named, child, client, configured, get};
use upscope::ErrorCode;

fn server() -> (ScriptedServer, Vec<String>) {
    let server = ScriptedServer::new((0..8).map(|_| Answer::json(200, r#"{"usage":{}}"#)));
    let arguments = vec![server.address().port().to_string()];
    (server, arguments)
}

/// Threads that call `names` dead names, each with a client of its own.
fn call_dead_names(threads: usize, names: usize, timeout: Duration) -> Vec<thread::JoinHandle<upscope::Error>> {
    (0..threads)
        .map(|number| {
            let base_url = format!("http://name{}{DEAD}:1", number % names);
            let client = configured(&base_url, |config| config.timeout(timeout));
            thread::spawn(move || get(&client).unwrap_err())
        })
        .collect()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        thread::yield_now();
    }
}

#[test]
fn one_dead_name_leaves_room_for_others() {
    child::run("look_ups::one_dead_name_leaves_room_for_others", server, |arguments| {
        let began = Instant::now();
        let timeout = Duration::from_secs(4);
        let calling = call_dead_names(40, 1, timeout);
        until("no look-up", || DEAD_LOOK_UPS.load(Ordering::SeqCst) > 0);
        let healthy = configured(&format!("http://{ALIVE}:{}", arguments[0]), |config| config.timeout(timeout / 2));
        get(&healthy).unwrap();
        assert!(began.elapsed() < timeout, "the dead name's calls are over: nothing was tested");
        for error in calling.into_iter().map(|call| call.join().unwrap()) {
            assert_eq!(error.code(), ErrorCode::Timeout, "{error:?}");
            assert!(error.message().contains("looking up the host name"), "{error:?}");
        }
        assert_eq!(DEAD_LOOK_UPS.load(Ordering::SeqCst), 1);
        // It is asked again once the look-up has ended.
        answer_the_dead();
        let again = configured(&format!("http://name0{DEAD}:1"), |config| config.timeout(timeout));
        until("no other outcome", || get(&again).unwrap_err().code() == ErrorCode::Connection);
    });
}

#[test]
fn too_many_dead_names_are_named_and_forgotten() {
    child::run("look_ups::too_many_dead_names_are_named_and_forgotten", server, |arguments| {
        let calling = call_dead_names(32, 32, Duration::from_secs(30));
        until("too few look-ups", || DEAD_LOOK_UPS.load(Ordering::SeqCst) == 16);
        let base_url = format!("http://{ALIVE}:{}", arguments[0]);
        let healthy = configured(&base_url, |config| config.timeout(Duration::from_millis(200)));
        let error = get(&healthy).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Timeout, "{error:?}");
        assert!(error.message().contains("too many other names are being looked up"), "{error:?}");
        // An address needs no look-up.
        get(&client(&format!("http://127.0.0.1:{}", arguments[0]))).unwrap();
        answer_the_dead();
        get(&client(&base_url)).unwrap();
        calling.into_iter().for_each(|call| drop(call.join().unwrap()));
        assert_eq!(DEAD_LOOK_UPS.load(Ordering::SeqCst), 32, "every name had its turn");
    });
}

/// Takes connections on an address until its backlog is full; what connects after that gets no answer.
fn never_accepts(address: &str, port: u16) -> (TcpListener, Vec<socket2::Socket>) {
    use socket2::{Domain, Socket, Type};

    let address = format!("{address}:{port}").parse::<std::net::SocketAddr>().unwrap().into();
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&address).unwrap();
    listener.listen(0).unwrap();
    let connected = |_| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.connect_timeout(&address, Duration::from_millis(50)).ok().map(|()| socket)
    };
    let filling = (0..4).map_while(connected).collect();
    (listener.into(), filling)
}

#[test]
fn more_addresses_than_ureq_hands_on_are_all_tried_in_time() {
    let test = "look_ups::more_addresses_than_ureq_hands_on_are_all_tried_in_time";
    let prepare = || {
        let (server, arguments) = server();
        let silent: Vec<_> =
            (1..40).map(|number| never_accepts(&format!("127.0.1.{number}"), server.address().port())).collect();
        ((server, silent), arguments)
    };
    child::run(test, prepare, |arguments| {
        let limit = Duration::from_millis(2000);
        let base_url = format!("http://40{MANY}:{}", arguments[0]);
        let client = configured(&base_url, |config| config.connect_timeout(limit));
        let began = Instant::now();
        get(&client).unwrap();
        assert!(began.elapsed() > limit / 4, "the addresses before answered: nothing was tested");
    });
}

/// Its parent's look-up of the same name never ends in it.
#[test]
#[allow(unsafe_code)]
fn a_forked_child_does_not_wait_for_its_parents_look_ups() {
    child::run("look_ups::a_forked_child_does_not_wait_for_its_parents_look_ups", server, |arguments| {
        let dead = configured(&format!("http://name{DEAD}:1"), |config| config.timeout(Duration::from_secs(30)));
        let parents = dead.clone();
        let waiting = thread::spawn(move || get(&parents).unwrap_err());
        until("no look-up", || DEAD_LOOK_UPS.load(Ordering::SeqCst) == 1);
        // SAFETY: the child does nothing that needs the parent's other threads, and ends without unwinding.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let well = std::panic::catch_unwind(AssertUnwindSafe(|| {
                get(&client(&format!("http://{ALIVE}:{}", arguments[0]))).unwrap();
                answer_the_dead();
                assert_eq!(get(&dead).unwrap_err().code(), ErrorCode::Connection);
                assert_eq!(DEAD_LOOK_UPS.load(Ordering::SeqCst), 2);
            }));
            // SAFETY: ends this process alone.
            unsafe { libc::_exit(i32::from(well.is_err())) };
        }
        let mut status = -1;
        // SAFETY: the status is written here, and the child is this process's.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert_eq!(status, 0);
        answer_the_dead();
        assert_eq!(waiting.join().unwrap().code(), ErrorCode::Connection);
    });
}

#[test]
fn a_resolver_without_memory_is_told_apart() {
    child::run(
        "look_ups::a_resolver_without_memory_is_told_apart",
        || ((), vec![]),
        |_| {
            let error = get(&client(&format!("http://{NO_MEMORY}:1"))).unwrap_err();
            assert_named(&error, "out of memory");
            assert!(!error.message().contains("base_url"), "{error:?}");
        },
    );
}
