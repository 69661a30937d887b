//! A function that needs what every static library made by Rust brings along: the standard library and unwinding.

use std::panic;

/// 1 when a panic was caught on its way out. The name is one that stays global when libupscope's libraries are packaged.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_other_catches_a_panic() -> i32 {
    panic::set_hook(Box::new(|_| ()));
    i32::from(panic::catch_unwind(|| panic!("planted")).is_err())
}
