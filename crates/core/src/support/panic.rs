//! Faults of this library itself: caught before they can harm the program, and printed nowhere.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;

/// Runs `body`; a panic becomes an error that tells where, and nothing of what the code had in hand.
///
/// For language boundaries and for threads of this library: no panic may leave either.
pub fn catch_panic<T>(body: impl FnOnce() -> T) -> Result<T, Error> {
    quieten_panics();
    let within = Within::enter();
    let result = panic::catch_unwind(AssertUnwindSafe(body)).map_err(caught);
    drop(within);
    result
}

#[cold]
fn caught(payload: Box<dyn Any + Send>) -> Error {
    let place = PLACE.take().unwrap_or_else(|| "an unknown place".to_owned());
    discard(payload);
    PLACE.set(None);
    Error::internal(format!("A fault of this library in {place} ended the call; please report it."))
}

/// The payload's own drop may panic too.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
}

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

struct Within;

impl Within {
    fn enter() -> Within {
        DEPTH.set(DEPTH.get() + 1);
        Within
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// A panic that is caught here prints nothing; every other one in the process goes where it went before.
fn quieten_panics() {
    // Not a `Once`: a child forked while another thread is within it would wait for ever.
    static QUIET: AtomicBool = AtomicBool::new(false);
    if QUIET.load(Ordering::Relaxed) || QUIET.swap(true, Ordering::SeqCst) {
        return;
    }
    let former = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if DEPTH.get() == 0 {
            return former(info);
        }
        let place = info.location().map(|location| {
            let file = location.file().rsplit(['/', '\\']).next().unwrap_or_default();
            format!("{file}, line {}", location.line())
        });
        PLACE.set(place);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_tells_where_and_not_what() {
        let error = catch_panic(|| panic!("sk_live_1")).unwrap_err();
        assert!(error.message().contains("panic.rs, line") && !error.message().contains("sk_live_1"), "{error}");
    }

    #[test]
    fn a_payload_that_panics_in_turn_is_caught() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("again");
            }
        }
        let caught = catch_panic(|| panic::panic_any(Bomb));
        assert_eq!(caught.unwrap_err().code(), crate::ErrorCode::Internal);
    }
}
