//! Keeps the DLL loaded. Threads and thread-locals of the library would outlive its code, and a host that loads
//! libraries while it runs, as VBA and scripts do, may free this one whenever it likes. On Linux the linker sees to it.

use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
};

/// From now on this module stays until the process ends.
pub(crate) fn stay() {
    static STAYS: AtomicBool = AtomicBool::new(false);
    if STAYS.swap(true, Ordering::Relaxed) {
        return;
    }
    let within: *const AtomicBool = &raw const STAYS;
    let mut module = ptr::null_mut();
    // SAFETY: with this flag the second argument is any address within the module. Nobody needs the handle.
    unsafe {
        GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
            within.cast(),
            &raw mut module,
        );
    }
}
