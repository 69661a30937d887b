//! The log callback.

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use upscope_core::log::Hook;

use crate::client::upscope_client;
use crate::ffi_guard::{guard, handle_arg};

/// A function that the library calls for each log line.
///
/// level: 1 error, 2 warn, 3 info, 4 debug, 5 trace.
/// message: UTF-8, valid only during this function. Do not free it.
/// user_data: as passed to upscope_set_logger or upscope_client_set_logger.
///
/// The function runs on the thread that makes the call, so several threads may run it at the same time. It may call
/// the library.
pub type upscope_log_fn =
    Option<unsafe extern "C-unwind" fn(user_data: *mut c_void, level: i32, message: *const c_char)>;

/// Sets the function that receives the log lines of all clients, except those for which upscope_client_set_logger has
/// set another one. Logging is off by default.
///
/// Each attempt of a call writes one line at level 4: method, path, status, milliseconds and attempt. A retry writes
/// a line at level 2, as does a "webhook_url" whose host is reserved for examples, such as example.com. Log lines
/// never contain keys, queries, headers or bodies.
///
/// log: the function; NULL turns logging off.
/// user_data: passed to log unchanged. May be NULL.
/// max_level: the highest level to log, 1 to 5.
///
/// After this function returns, the previous log function does not run any more, except if a log function made this
/// call. Any thread may call this function.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_set_logger(log: upscope_log_fn, user_data: *mut c_void, max_level: i32) {
    let _ = guard(|| upscope_core::log::set_logger(hook(log, user_data), max_level));
}

/// Sets the function that receives the log lines of one client, instead of the function that upscope_set_logger set.
///
/// client: NULL does nothing.
/// log: the function; NULL returns to the function that upscope_set_logger set.
/// user_data: passed to log unchanged. May be NULL.
/// max_level: the highest level to log, 1 to 5. With 0, the client logs nothing.
///
/// The client's line at level 3, which upscope_client_new writes, goes to the function that upscope_set_logger set.
///
/// After this function returns, the previous log function does not run any more for lines of this client, except if a
/// log function made this call. Started calls may log after upscope_client_free: before you free user_data, call this
/// function with NULL, or wait for these calls. Any thread may call this function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_client_set_logger(
    client: *mut upscope_client,
    log: upscope_log_fn,
    user_data: *mut c_void,
    max_level: i32,
) {
    let _ = guard(|| {
        // SAFETY: the pointer is null or valid, as the header requires.
        if let Ok(handle) = unsafe { handle_arg(client.cast_const(), "client") } {
            handle.client.set_logger(hook(log, user_data), max_level);
        }
    });
}

/// The hook that calls the caller's log function; `None` if that is NULL.
fn hook(log: upscope_log_fn, user_data: *mut c_void) -> Option<Arc<Hook>> {
    let callback = LogCallback { log: log?, user_data };
    Some(Arc::new(move |level, line| callback.write(level as i32, line)))
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
