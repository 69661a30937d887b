//! The log callback.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use crate::ffi_guard::guard;

/// A function that the library calls for each log line.
///
/// level: 1 error, 2 warn, 3 info, 4 debug, 5 trace.
/// message: UTF-8, valid only during this function. Do not free it.
/// user_data: as passed to upscope_set_logger.
///
/// The function runs on the thread that makes the call, so several threads may run it at the same time. It may call
/// the library.
pub type upscope_log_fn =
    Option<unsafe extern "C-unwind" fn(user_data: *mut c_void, level: i32, message: *const c_char)>;

/// Sets the function that receives the log lines of all clients. Logging is off by default.
///
/// Each attempt of a call writes one line at level 4: method, path, status, milliseconds and attempt. A retry writes
/// a line at level 2, as does a "webhook_url" whose host is reserved for examples, such as example.com. Log lines
/// never contain keys, queries, headers or bodies.
///
/// log: the function; NULL turns logging off.
/// user_data: passed to log unchanged. May be NULL.
/// max_level: the highest level to log, 1 to 5.
///
/// After this function returns, the previous log function does not run any more, except if it made this call itself.
/// Any thread may call this function.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_set_logger(log: upscope_log_fn, user_data: *mut c_void, max_level: i32) {
    let _ = guard(|| {
        let callback = log.map(|log| LogCallback { log, user_data });
        let hook = callback.map(|callback| {
            let hook: Arc<upscope_core::log::Hook> = Arc::new(move |level, line| callback.write(level as i32, line));
            hook
        });
        upscope_core::log::set_logger(hook, max_level);
    });
}

/// The caller's log function and its data.
struct LogCallback {
    log: unsafe extern "C-unwind" fn(user_data: *mut c_void, level: i32, message: *const c_char),
    user_data: *mut c_void,
}

// SAFETY: the header says that the function runs on the thread of each call.
unsafe impl Send for LogCallback {}
// SAFETY: as above.
unsafe impl Sync for LogCallback {}

impl LogCallback {
    fn write(&self, level: i32, line: &str) {
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        if let Ok(line) = CString::new(line) {
            // SAFETY: the caller's function, with its own data and a string that outlives the call.
            unsafe { (self.log)(self.user_data, level, line.as_ptr()) };
        }
    }
}
