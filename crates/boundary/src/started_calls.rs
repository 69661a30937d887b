//! Calls that are started, for programs whose thread must not block.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::time::Duration;

use upscope_core::{Client, Error, OnDone, Pending, Starter};

use crate::client::upscope_client;
use crate::ffi_guard::{Outcome, c_string, guard, handle_in, json_in, return_handle, return_json, text_in};
use crate::status::{UPSCOPE_PENDING, upscope_status};
use crate::strings::WipedString;

/// A call that was started.
pub struct upscope_pending {
    started: Started,
    client: Client,
}

/// What was started: an operation, or the next page of a walk.
pub(crate) enum Started {
    Call(Pending),
    Page(Pending<Option<String>>),
}

/// Told how a started call ended: what the call itself would have returned, and its text, which is valid during this
/// call alone; NULL with UPSCOPE_DONE. It runs at most once, on a thread of the library, and may call the library,
/// upscope_pending_free on its own handle included.
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
    // SAFETY: as the caller promises.
    unsafe {
        return_handle(pending, error_json, || {
            let client = &handle_in(client, "client")?.client;
            let operation = text_in(operation, "operation")?;
            let name = client.find(operation)?.name;
            let request = json_in(request_json, "request_json").map_err(|error| error.in_operation(name))?;
            let told = on_done(client, done, user_data, Outcome::from_call);
            let (call, starter) = client.prepare(operation, request, told)?;
            start(Started::Call(call), starter, client, pending)
        })
    }
}

/// Hands the handle out and starts what it stands for.
///
/// # Safety
/// `out` may be written.
pub(crate) unsafe fn start(
    started: Started,
    starter: Starter,
    client: &Client,
    out: *mut *mut upscope_pending,
) -> Result<(), Error> {
    let handle = Box::into_raw(Box::new(upscope_pending { started, client: client.clone() }));
    // SAFETY: the caller lets us write; the handle was made here. Written before it starts: `done` may free it at once.
    unsafe {
        out.write(handle);
        starter.start().inspect_err(|_| {
            out.write(ptr::null_mut());
            drop(Box::from_raw(handle));
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
        return_json(response_json, || {
            let handle = match handle_in(pending, "pending") {
                Ok(handle) => handle,
                Err(error) => return Outcome::failed(&error),
            };
            let time = Some(Duration::from_millis(timeout_ms.into()));
            let client = &handle.client;
            let ended = match &handle.started {
                Started::Call(call) => call.wait(time).map(|result| Outcome::from_call(client, result)),
                Started::Page(page) => page.wait(time).map(|result| Outcome::from_page(client, result)),
            };
            ended.unwrap_or(Outcome { status: UPSCOPE_PENDING, text: None })
        })
    }
}

/// Ends a started call with UPSCOPE_CANCELLED, unless it has ended already. NULL is fine. Any thread may call this.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_pending_cancel(pending: *mut upscope_pending) {
    let _ = guard(|| {
        // SAFETY: as the caller promises.
        if let Ok(handle) = unsafe { handle_in(pending, "pending") } {
            match &handle.started {
                Started::Call(call) => call.cancel(),
                Started::Page(page) => page.cancel(),
            }
        }
    });
}

/// Frees a started call, and cancels it if it still runs. NULL is fine.
///
/// Never waits for the network. A call that has ended may be freed before done was told; done then stays untold. Once
/// this has returned, done will not run any more; when done runs just now on another thread, this waits until it is
/// through.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_pending_free(pending: *mut upscope_pending) {
    let _ = guard(|| {
        if !pending.is_null() {
            // SAFETY: it came from `Box::into_raw`, and is freed once.
            let handle = unsafe { Box::from_raw(pending) };
            match handle.started {
                Started::Call(call) => call.close(),
                Started::Page(page) => page.close(),
            }
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
    fn tell(self, outcome: Outcome) {
        let text = outcome.text.map(|text| WipedString(c_string(text)));
        let shown = text.as_ref().map_or(ptr::null(), |text| text.0.as_ptr());
        // SAFETY: the caller's function, with its own data and a string that lives during the call.
        unsafe { (self.done)(self.user_data, outcome.status, shown) };
    }
}

/// What tells the caller's function how it ended.
pub(crate) fn on_done<T: 'static>(
    client: &Client,
    done: upscope_done_fn,
    user_data: *mut c_void,
    outcome: fn(&Client, Result<T, Error>) -> Outcome,
) -> Option<OnDone<T>> {
    let target = Target { done: done?, user_data };
    let client = client.clone();
    Some(Box::new(move |result| target.tell(outcome(&client, result))))
}
