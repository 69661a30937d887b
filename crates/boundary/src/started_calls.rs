//! Started calls, for programs that must not block their thread.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::time::Duration;

use upscope_core::{Client, Error, OnDone, Pending, Starter};

use crate::client::upscope_client;
use crate::ffi_guard::{ReturnValue, guard, handle_arg, into_c_string, json_arg, return_handle, return_json, str_arg};
use crate::status::{UPSCOPE_PENDING, upscope_status};
use crate::strings::ErasedString;

/// A started call.
pub struct upscope_pending {
    call: StartedCall,
    client: Client,
}

/// What a handle waits for: the response of an operation, or the next page of an iterator.
pub(crate) enum StartedCall {
    Operation(Pending),
    Page(Pending<Option<String>>),
}

/// A function that the library calls when a started call ends.
///
/// status, response_json: what the blocking function would have returned. response_json is valid only during this
///   function; it is NULL with UPSCOPE_DONE. Do not free it.
/// user_data: as passed to upscope_start.
///
/// The function runs at most once, on a thread of the library. It may call the library, including
/// upscope_pending_free on its own handle.
pub type upscope_done_fn =
    Option<unsafe extern "C-unwind" fn(user_data: *mut c_void, status: upscope_status, response_json: *const c_char)>;

/// Starts a call and returns immediately, for programs that must not block their thread.
///
/// The request is checked before this function returns. The time limit of the call starts now. A client runs up to 32
/// started calls at the same time, on its own threads; further calls wait in a queue. Freeing the client does not
/// cancel started calls.
///
/// operation, request_json: as for upscope_call.
/// done: called when the call ends; or NULL, for a program that polls with upscope_pending_wait. It may run before
///   this function returns; pending is already set then.
/// user_data: passed to done unchanged. May be NULL.
/// pending: set to the handle of the call, which the caller frees with upscope_pending_free; set to NULL on failure.
/// error_json: set to NULL on success, or to an error object that the caller frees with upscope_string_free.
///
/// Returns UPSCOPE_OK, UPSCOPE_INVALID_ARGUMENT, or UPSCOPE_INTERNAL if no thread can be started. Any thread may call
/// this function.
#[must_use]
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
    // SAFETY: each pointer is null or valid, as the header requires.
    unsafe {
        return_handle("pending", pending, error_json, || {
            let client = &handle_arg(client, "client")?.client;
            let operation = str_arg(operation, "operation")?;
            let name = client.find(operation)?.name;
            let request = json_arg(request_json, "request_json").map_err(|error| error.in_operation(name))?;
            let callback = done_callback(client, done, user_data, ReturnValue::from_call);
            let (call, starter) = client.prepare(operation, request, callback)?;
            return_and_start(StartedCall::Operation(call), starter, client, pending)
        })
    }
}

/// Writes the handle to `out`, then starts the call. If the start fails, `out` becomes null again.
///
/// # Safety
/// `out` must be valid for writes.
pub(crate) unsafe fn return_and_start(
    call: StartedCall,
    starter: Starter,
    client: &Client,
    out: *mut *mut upscope_pending,
) -> Result<(), Error> {
    let handle = Box::into_raw(Box::new(upscope_pending { call, client: client.clone() }));
    // SAFETY: the caller's promise, and the handle was allocated above. It is written before the start, because `done`
    // may free it immediately. A call that did not start has not run `done`.
    unsafe {
        out.write(handle);
        starter.start().inspect_err(|_| {
            out.write(ptr::null_mut());
            drop(Box::from_raw(handle));
        })
    }
}

/// Waits until a started call ends, or until timeout_ms have passed. With timeout_ms 0, it does not wait.
///
/// response_json: as for the blocking function; set to NULL while the call runs. Free it with upscope_string_free.
///
/// Returns UPSCOPE_PENDING while the call runs, or what the blocking function would have returned. After the end of
/// the call, each call of this function returns the same status and a new copy of the JSON. Any thread may call this
/// function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_pending_wait(
    pending: *mut upscope_pending,
    timeout_ms: u32,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the header requires.
    unsafe {
        return_json(response_json, || {
            let handle = match handle_arg(pending, "pending") {
                Ok(handle) => handle,
                Err(error) => return ReturnValue::from_error(&error),
            };
            let timeout = Some(Duration::from_millis(timeout_ms.into()));
            let client = &handle.client;
            let value = match &handle.call {
                StartedCall::Operation(call) => call.wait(timeout).map(|result| ReturnValue::from_call(client, result)),
                StartedCall::Page(page) => page.wait(timeout).map(|result| ReturnValue::from_page(client, result)),
            };
            value.unwrap_or(ReturnValue { status: UPSCOPE_PENDING, json: None })
        })
    }
}

/// Cancels a started call: it ends with UPSCOPE_CANCELLED, unless it has already ended.
///
/// NULL does nothing. Any thread may call this function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_pending_cancel(pending: *mut upscope_pending) {
    let _ = guard(|| {
        // SAFETY: the pointer is null or valid, as the header requires.
        if let Ok(handle) = unsafe { handle_arg(pending, "pending") } {
            match &handle.call {
                StartedCall::Operation(call) => call.cancel(),
                StartedCall::Page(page) => page.cancel(),
            }
        }
    });
}

/// Frees the handle of a started call, and cancels the call if it is still running. NULL does nothing.
///
/// This function never waits for the network. If done is running on another thread, it waits until done returns.
/// After this function returns, done does not run any more; if the call has ended but done has not run yet, done
/// never runs.
///
/// No other thread may be using the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_pending_free(pending: *mut upscope_pending) {
    let _ = guard(|| {
        if !pending.is_null() {
            // SAFETY: the handle came from `Box::into_raw`, and the caller frees it once.
            let handle = unsafe { Box::from_raw(pending) };
            match handle.call {
                StartedCall::Operation(call) => call.close(),
                StartedCall::Page(page) => page.close(),
            }
        }
    });
}

/// The caller's `done` function and its data.
struct DoneCallback {
    done: unsafe extern "C-unwind" fn(user_data: *mut c_void, status: upscope_status, response_json: *const c_char),
    user_data: *mut c_void,
}

// SAFETY: the header says that `done` runs on a thread of the library.
unsafe impl Send for DoneCallback {}

impl DoneCallback {
    fn call(self, value: ReturnValue) {
        let json = value.json.map(|json| ErasedString::new(into_c_string(json)));
        let pointer = json.as_ref().map_or(ptr::null(), ErasedString::as_ptr);
        // SAFETY: the caller's function, with its own data and a string that outlives the call.
        unsafe { (self.done)(self.user_data, value.status, pointer) };
    }
}

/// The closure that passes a result to the caller's `done` function; `None` if `done` is NULL.
pub(crate) fn done_callback<T: 'static>(
    client: &Client,
    done: upscope_done_fn,
    user_data: *mut c_void,
    return_value: fn(&Client, Result<T, Error>) -> ReturnValue,
) -> Option<OnDone<T>> {
    let callback = DoneCallback { done: done?, user_data };
    let client = client.clone();
    Some(Box::new(move |result| callback.call(return_value(&client, result))))
}
