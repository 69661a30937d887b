//! A static Rust library that contains the standard library and unwinding, as all of them do.

use std::panic;

/// Returns 1 if a panic was caught. The prefix keeps the name global when the library is packaged like libupscope.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_other_catches_a_panic() -> i32 {
    panic::set_hook(Box::new(|_| ()));
    i32::from(panic::catch_unwind(|| panic!("test")).is_err())
}
