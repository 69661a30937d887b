//! Keeps the DLL loaded until the process ends.
//!
//! The library's threads and thread-locals would outlive its code if a host such as VBA unloaded the DLL. On Linux,
//! the linker option `nodelete` has the same effect.

use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
};

/// Pins the module that contains this code.
pub(crate) fn pin_module() {
    static PINNED: AtomicBool = AtomicBool::new(false);
    if PINNED.swap(true, Ordering::Relaxed) {
        return;
    }
    let address: *const AtomicBool = &raw const PINNED;
    let mut module = ptr::null_mut();
    // SAFETY: with FROM_ADDRESS, the second argument is any address within the module. The handle is not used.
    unsafe {
        GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
            address.cast(),
            &raw mut module,
        );
    }
}
