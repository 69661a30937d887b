//! A forked child can log and replace the log hook, whatever its parent's other threads were doing.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use upscope::log::{Hook, Level, set_logger};
use upscope::{Client, Config};

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
