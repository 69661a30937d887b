//! Calls that are started, for programs whose thread must not block.

use std::ffi::{CString, c_char, c_void};
use std::ptr;
use std::time::Duration;

use upscope_core::{Client, Error, OnDone, Pending};

use crate::client::{upscope_client, without_place_for_the_result};
use crate::status::{UPSCOPE_OK, UPSCOPE_PENDING, upscope_status};
use crate::wall::{Outcome, answering, guarded, handle_in, json_in, text_in};

/// A call that was started.
pub struct upscope_pending {
    pending: Pending,
    client: Client,
}

/// Told how a started call ended: what the call itself would have returned, and its text, which is valid during this
/// call alone. It runs at most once, on a thread of the library, and may call the library, upscope_pending_free on its
/// own handle included.
pub type upscope_done_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, status: upscope_status, response_json: *const c_char)>;

/// Starts a call and returns at once, for programs whose thread must not block.
///
/// The request is checked first: a bad one is refused here. The call's time begins now. A client runs up to 32 started
/// calls at once, on threads of its own; further ones wait for their turn. Freeing the client leaves them running.
///
/// operation, request_json: as for upscope_call.
/// done: told the end, or NULL for a program that asks with upscope_pending_wait. It may run before this returns;
///   pending is set by then.
/// user_data: handed to done as it is.
/// pending: set to the handle, which upscope_pending_free frees; NULL on failure.
/// error_json: set to NULL on success, else to an error object to free with upscope_string_free.
///
/// Returns UPSCOPE_OK, UPSCOPE_INVALID_ARGUMENT, or UPSCOPE_INTERNAL when no thread can be started.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_start(
    client: *const upscope_client,
    operation: *const c_char,
    request_json: *const c_char,
    done: upscope_done_fn,
    user_data: *mut c_void,
    pending: *mut *mut upscope_pending,
    error_json: *mut *mut c_char,
) -> upscope_status {
    if pending.is_null() || error_json.is_null() {
        return without_place_for_the_result(pending, error_json);
    }
    // SAFETY: not null, and the caller lets us write through them; the rest as the caller promises.
    unsafe {
        pending.write(ptr::null_mut());
        answering(error_json, || {
            let started = handle_in(client, "client").and_then(|handle| {
                let client = &handle.client;
                let operation = text_in(operation, "operation")?;
                let name = upscope_core::operation::name_of(operation)?;
                let request = json_in(request_json, "request_json").map_err(|error| error.in_operation(name))?;
                let (call, starter) = client.prepare(operation, request, on_done(client, done, user_data))?;
                let handle = Box::into_raw(Box::new(upscope_pending { pending: call, client: client.clone() }));
                // Before it starts: `done` may free the handle at once.
                pending.write(handle);
                starter.start().inspect_err(|_| {
                    pending.write(ptr::null_mut());
                    drop(Box::from_raw(handle));
                })
            });
            match started {
                Ok(()) => Outcome { status: UPSCOPE_OK, text: None },
                Err(error) => Outcome::failed(&error),
            }
        })
    }
}

/// Waits for a started call, at most timeout_ms; 0 asks without waiting.
///
/// response_json: as for the call itself; set to NULL while it is not finished. After the end every call of this gives
/// the same status and a fresh copy.
///
/// Returns what the call itself would have returned, or UPSCOPE_PENDING.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_pending_wait(
    pending: *mut upscope_pending,
    timeout_ms: u32,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises, for both.
    unsafe {
        answering(response_json, || {
            let handle = match handle_in(pending, "pending") {
                Ok(handle) => handle,
                Err(error) => return Outcome::failed(&error),
            };
            match handle.pending.wait(Some(Duration::from_millis(timeout_ms.into()))) {
                None => Outcome { status: UPSCOPE_PENDING, text: None },
                Some(Ok(answer)) => Outcome::ok(answer),
                Some(Err(error)) => {
                    Outcome { status: error.code() as upscope_status, text: Some(handle.client.error_json(&error)) }
                }
            }
        })
    }
}

/// Ends a started call with UPSCOPE_CANCELLED, unless it has ended already. NULL is fine. Any thread may call this.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_pending_cancel(pending: *mut upscope_pending) {
    let _ = guarded(|| {
        // SAFETY: as the caller promises.
        if let Ok(handle) = unsafe { handle_in(pending, "pending") } {
            handle.pending.cancel();
        }
    });
}

/// Frees a started call, and cancels it if it still runs. NULL is fine.
///
/// Never waits for the network. A call that has ended may be freed before done was told; done then stays untold. Once
/// this has returned, done will not run any more; when done runs just now on another
/// thread, this waits until it is through.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_pending_free(pending: *mut upscope_pending) {
    let _ = guarded(|| {
        if !pending.is_null() {
            // SAFETY: it came from `Box::into_raw`, and is freed once.
            let handle = unsafe { Box::from_raw(pending) };
            handle.pending.close();
        }
    });
}

/// The caller's function and data, to be used on a thread of the library.
struct Target {
    done: unsafe extern "C" fn(user_data: *mut c_void, status: upscope_status, response_json: *const c_char),
    user_data: *mut c_void,
}

// SAFETY: the caller gives a function and data that another thread may use, as the header says.
unsafe impl Send for Target {}

impl Target {
    fn tell(self, client: &Client, result: Result<String, Error>) {
        let (status, text) = match result {
            Ok(text) => (UPSCOPE_OK, text),
            Err(error) => (error.code() as upscope_status, client.error_json(&error)),
        };
        // JSON escapes control characters, so there is no NUL in it.
        let text = CString::new(text).unwrap_or_default();
        // SAFETY: the caller's function, with its own data and a string that lives during the call.
        unsafe { (self.done)(self.user_data, status, text.as_ptr()) };
    }
}

fn on_done(client: &Client, done: upscope_done_fn, user_data: *mut c_void) -> Option<OnDone> {
    let target = Target { done: done?, user_data };
    let client = client.clone();
    Some(Box::new(move |result| target.tell(&client, result)))
}
