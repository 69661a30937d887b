//! Catches panics of this library before they reach the program, and does not print them.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;

/// Runs `body` and turns a panic into an error with the location of the panic, without its message.
///
/// For language boundaries and the threads of this library, which no panic may leave.
pub fn catch_panic<T>(body: impl FnOnce() -> T) -> Result<T, Error> {
    install_hook();
    let scope = CatchScope::enter();
    let result = panic::catch_unwind(AssertUnwindSafe(body)).map_err(panic_error);
    drop(scope);
    result
}

#[cold]
fn panic_error(payload: Box<dyn Any + Send>) -> Error {
    let location = LOCATION.take().unwrap_or_else(|| "an unknown place".to_owned());
    drop_payload(payload);
    LOCATION.set(None);
    Error::internal(format!("A bug in this library in {location} ended the call; please report it."))
}

/// Drops the payload, which may panic too.
fn drop_payload(payload: Box<dyn Any + Send>) {
    if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
}

thread_local! {
    /// How many calls of [`catch_panic`] this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// The location of the last panic.
    static LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

struct CatchScope;

impl CatchScope {
    fn enter() -> CatchScope {
        DEPTH.set(DEPTH.get() + 1);
        CatchScope
    }
}

impl Drop for CatchScope {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Installs a panic hook that prints nothing for panics caught here, and passes all others to the previous hook.
fn install_hook() {
    // Not a `Once`: a child that is forked while another thread is in the `Once` would wait forever.
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.load(Ordering::Relaxed) || INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if DEPTH.get() == 0 {
            return previous(info);
        }
        let location = info.location().map(|location| {
            let file = location.file().rsplit(['/', '\\']).next().unwrap_or_default();
            format!("{file}, line {}", location.line())
        });
        LOCATION.set(location);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_has_the_location_and_not_the_message_of_the_panic() {
        let error = catch_panic(|| panic!("sk_live_1")).unwrap_err();
        assert!(error.message().contains("panic.rs, line") && !error.message().contains("sk_live_1"), "{error}");
    }

    #[test]
    fn a_payload_that_panics_on_drop_is_caught() {
        struct PanicsOnDrop;
        impl Drop for PanicsOnDrop {
            fn drop(&mut self) {
                panic!("again");
            }
        }
        let result = catch_panic(|| panic::panic_any(PanicsOnDrop));
        assert_eq!(result.unwrap_err().code(), crate::ErrorCode::Internal);
    }
}
