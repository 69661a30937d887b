//! The log hook.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use crate::ffi_guard::guard;

/// Takes a log line. level: 1 error, 2 warn, 3 info, 4 debug, 5 trace. message: UTF-8, valid during the call alone.
/// It runs on the thread that makes the call and may call this library.
pub type upscope_log_fn = Option<unsafe extern "C" fn(user_data: *mut c_void, level: i32, message: *const c_char)>;

/// Sends the library's log lines, of all clients, to `log`; NULL turns them off, as at the start.
///
/// Each attempt of a call is one line at level 4: method, path, status, milliseconds, attempt. A retry is a line at
/// level 2, and so is a "webhook_url" on a host that is reserved for examples, such as example.com. No line holds a key,
/// a query, a header or a body.
///
/// user_data: handed to `log` as it is. max_level: the highest level wanted, 1 to 5.
/// When this returns, the former function runs no more, unless it made this call itself.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_set_logger(log: upscope_log_fn, user_data: *mut c_void, max_level: i32) {
    let _ = guard(|| {
        let target = log.map(|log| Target { log, user_data });
        let hook = target.map(|target| {
            let hook: Arc<upscope_core::log::Hook> = Arc::new(move |level, line| target.write(level as i32, line));
            hook
        });
        upscope_core::log::set_logger(hook, max_level);
    });
}

struct Target {
    log: unsafe extern "C" fn(user_data: *mut c_void, level: i32, message: *const c_char),
    user_data: *mut c_void,
}

// SAFETY: the caller gives a function and data that any thread may use, as the header says.
unsafe impl Send for Target {}
// SAFETY: as above.
unsafe impl Sync for Target {}

impl Target {
    fn write(&self, level: i32, line: &str) {
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        if let Ok(line) = CString::new(line) {
            // SAFETY: the caller's function, with its own data and a string that lives during the call.
            unsafe { (self.log)(self.user_data, level, line.as_ptr()) };
        }
    }
}
