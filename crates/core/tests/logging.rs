//! The log hooks: the global one and those of clients. A forked child can log and replace them, whatever its parent's other
//! threads were doing.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use upscope::log::{Hook, Level, set_logger};
use upscope::{Client, Config};
use upscope_test_support::{Response, ScriptedServer};

const FORKS: usize = 300;

/// Seconds until a child that hangs is killed.
const CHILD_LIMIT: u32 = 20;

/// The hook is global: one test at a time.
static ONE_TEST: Mutex<()> = Mutex::new(());

static LINES: AtomicUsize = AtomicUsize::new(0);

fn counting_hook() -> Arc<Hook> {
    Arc::new(|_, _| {
        LINES.fetch_add(1, Ordering::SeqCst);
    })
}

/// Creating a client writes one line at level Info.
fn write_a_line() {
    let config = Config::new().api_key("key").base_url("http://127.0.0.1:9");
    drop(Client::new(config).unwrap());
}

/// Runs `body` in a forked child. Returns the wait status: 0 if `body` returned true.
fn in_child(body: fn() -> bool) -> i32 {
    // SAFETY: the child uses what the library supports after a fork, and ends with `_exit`.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: as above.
        unsafe {
            libc::alarm(CHILD_LIMIT);
            libc::_exit(i32::from(!body()));
        }
    }
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    status
}

/// Whether a new hook gets one line, and none after it was removed.
fn child_can_log() -> bool {
    // The inherited hook may or may not run.
    write_a_line();
    set_logger(Some(counting_hook()), Level::Info as i32);
    LINES.store(0, Ordering::SeqCst);
    write_a_line();
    set_logger(None, 0);
    write_a_line();
    LINES.load(Ordering::SeqCst) == 1
}

#[test]
fn a_child_uses_the_hook_of_its_parent() {
    let _one_test = ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner);
    set_logger(Some(counting_hook()), Level::Info as i32);
    LINES.store(0, Ordering::SeqCst);
    let status = in_child(|| {
        write_a_line();
        LINES.load(Ordering::SeqCst) == 1
    });
    set_logger(None, 0);
    assert_eq!(status, 0);
}

#[test]
fn a_child_can_log_after_a_fork_while_other_threads_log_and_replace_the_hook() {
    let _one_test = ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner);
    let stop = AtomicBool::new(false);
    let mut status = 0;
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                set_logger(Some(counting_hook()), Level::Info as i32);
            }
        });
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                write_a_line();
            }
        });
        let deadline = Instant::now() + Duration::from_secs(60);
        for _ in 0..FORKS {
            status = in_child(child_can_log);
            if status != 0 || Instant::now() > deadline {
                break;
            }
        }
        stop.store(true, Ordering::SeqCst);
    });
    set_logger(None, 0);
    assert_eq!(status, 0, "wait status of a child");
}

/// The lines that a hook received, and whether it may still receive any.
#[derive(Default)]
struct Recorder {
    lines: Mutex<Vec<(Level, String)>>,
    retired: AtomicBool,
    late: AtomicUsize,
}

impl Recorder {
    fn hook(self: &Arc<Self>) -> Arc<Hook> {
        let recorder = self.clone();
        Arc::new(move |level, line| {
            recorder.lines.lock().unwrap().push((level, line.to_owned()));
            // Time for another thread to replace the hook while it runs.
            thread::yield_now();
            recorder.late.fetch_add(usize::from(recorder.retired.load(Ordering::SeqCst)), Ordering::SeqCst);
        })
    }

    fn take(&self) -> Vec<(Level, String)> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

fn client_of(server: &ScriptedServer) -> Client {
    Client::new(Config::new().api_key("key").base_url(server.base_url()).proxy("")).unwrap()
}

fn usage() -> Response {
    Response::json(200, r#"{"usage":{}}"#)
}

#[test]
fn the_lines_of_a_client_go_to_its_own_hook() {
    let _one_test = ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner);
    let server = ScriptedServer::repeating(usage());
    let (own, global) = (Arc::new(Recorder::default()), Arc::new(Recorder::default()));
    set_logger(Some(global.hook()), 5);
    let (client, other) = (client_of(&server), client_of(&server));
    assert_eq!(global.take().iter().map(|(level, _)| *level).collect::<Vec<_>>(), [Level::Info, Level::Info]);

    // Also with another level than that of the global hook, and for a clone.
    set_logger(Some(global.hook()), 2);
    client.set_logger(Some(own.hook()), 5);
    client.clone().call("get_usage", "{}").unwrap();
    other.call("get_usage", "{}").unwrap();
    assert_eq!(own.take().iter().map(|(level, _)| *level).collect::<Vec<_>>(), [Level::Trace, Level::Debug]);
    assert!(global.take().is_empty());

    // A warning about the request, before anything is sent.
    let request = r#"{"visitor_id":"v","agent":{"id":"1"},"webhook_url":"https://example.com/"}"#;
    let _ = client.call("create_watch_url", request);
    assert!(own.take().iter().any(|(level, line)| *level == Level::Warn && line.contains("example.com")));

    client.set_logger(Some(own.hook()), 4);
    client.call("get_usage", "{}").unwrap();
    assert_eq!(own.take().len(), 1);
    for silent in [0, -1] {
        client.set_logger(Some(own.hook()), silent);
        client.call("get_usage", "{}").unwrap();
    }
    assert!(own.take().is_empty() && global.take().is_empty());

    // Back to the global hook.
    set_logger(Some(global.hook()), 5);
    client.set_logger(None, 5);
    client.call("get_usage", "{}").unwrap();
    assert_eq!((own.take().len(), global.take().len()), (0, 2));
    // A client with its own hook logs while the global one is off.
    set_logger(None, 0);
    client.set_logger(Some(own.hook()), 5);
    client.call("get_usage", "{}").unwrap();
    assert_eq!((own.take().len(), global.take().len()), (2, 0));
}

/// Threads make calls while the hook of their client is replaced. No line is lost, and no hook runs after it was replaced.
#[test]
fn a_hook_that_was_replaced_no_longer_runs() {
    const THREADS: usize = 4;
    const REPLACEMENTS: usize = 200;
    let _one_test = ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner);
    let server = ScriptedServer::repeating(usage());
    let client = client_of(&server);
    let (stop, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut lines, mut late) = (0, None);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    client.call("get_usage", "{}").unwrap();
                    calls.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        // The global hook is the previous one of the first replacement, and of every fourth.
        let mut previous = Arc::new(Recorder::default());
        set_logger(Some(previous.hook()), 5);
        // From the first line on, every line has a hook.
        calls.store(0, Ordering::SeqCst);
        for number in 0..REPLACEMENTS {
            let before = calls.load(Ordering::SeqCst);
            let next = Arc::new(Recorder::default());
            if number % 4 == 3 {
                set_logger(Some(next.hook()), 5);
                client.set_logger(None, 0);
            } else {
                client.set_logger(Some(next.hook()), 5);
            }
            previous.retired.store(true, Ordering::SeqCst);
            while calls.load(Ordering::SeqCst) < before + THREADS {
                thread::yield_now();
            }
            if previous.late.load(Ordering::SeqCst) > 0 {
                // Without a panic, after which the threads would not end.
                late = Some(number);
                break;
            }
            lines += previous.take().len();
            previous = next;
        }
        stop.store(true, Ordering::SeqCst);
        lines += previous.take().len();
    });
    set_logger(None, 0);
    assert_eq!(late, None, "the hook before this replacement still ran");
    // Two lines for each call. Some calls had begun before, and some lines came after the last recorder was read.
    let calls = calls.load(Ordering::SeqCst);
    assert!(lines + 4 * THREADS >= 2 * calls, "{lines} lines of {calls} calls");
}

/// Two hooks that replace each other at the same time do not wait for each other.
#[test]
fn hooks_may_replace_hooks() {
    let _one_test = ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner);
    let server = ScriptedServer::repeating(usage());
    let clients = [client_of(&server), client_of(&server)];
    let barrier = Arc::new(std::sync::Barrier::new(2));
    for (client, other) in [(&clients[0], &clients[1]), (&clients[1], &clients[0])] {
        let (other, barrier) = (other.clone(), barrier.clone());
        let hook = move |_, _: &str| {
            barrier.wait();
            other.set_logger(None, 0);
        };
        client.set_logger(Some(Arc::new(hook)), Level::Debug as i32);
    }
    thread::scope(|scope| {
        for client in &clients {
            scope.spawn(|| client.call("get_usage", "{}").unwrap());
        }
    });
}

#[test]
fn a_child_can_log_after_a_fork_while_other_threads_replace_the_hook_of_a_client() {
    let _one_test = ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner);
    static CLIENT: std::sync::OnceLock<Client> = std::sync::OnceLock::new();
    let config = Config::new().api_key("key").base_url("http://127.0.0.1:9").proxy("").max_retries(0);
    let client = CLIENT.get_or_init(|| Client::new(config).unwrap());
    // Nothing listens on port 9: the call writes two lines and fails.
    let call = || CLIENT.get().unwrap().call("get_usage", "{}").unwrap_err();
    let stop = AtomicBool::new(false);
    let mut status = 0;
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                client.set_logger(Some(counting_hook()), 5);
            }
        });
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                call();
            }
        });
        let deadline = Instant::now() + Duration::from_secs(60);
        for _ in 0..FORKS {
            status = in_child(|| {
                let client = CLIENT.get().unwrap();
                // The inherited hook may or may not run.
                let _ = client.call("get_usage", "{}");
                client.set_logger(Some(counting_hook()), 5);
                LINES.store(0, Ordering::SeqCst);
                let _ = client.call("get_usage", "{}");
                client.set_logger(None, 0);
                let _ = client.call("get_usage", "{}");
                LINES.load(Ordering::SeqCst) == 2
            });
            if status != 0 || Instant::now() > deadline {
                break;
            }
        }
        stop.store(true, Ordering::SeqCst);
    });
    client.set_logger(None, 0);
    assert_eq!(status, 0, "wait status of a child");
}
