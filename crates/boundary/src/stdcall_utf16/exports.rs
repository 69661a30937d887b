//! The exported functions.

use std::ffi::{CStr, c_char};
use std::ptr;

use upscope_core::Error;

use super::text::{Utf8Arg, to_text, upscope_text, utf8_arg, utf8_list_arg};
use crate::call::upscope_call;
use crate::client::{
    upscope_client, upscope_client_close, upscope_client_free, upscope_client_new, upscope_connection_info,
};
use crate::ffi_guard::guard;
use crate::json::{upscope_json_build, upscope_json_get};
use crate::session_pages::{
    upscope_sessions, upscope_sessions_free, upscope_sessions_next, upscope_sessions_open, upscope_sessions_start_next,
};
use crate::started_calls::{
    upscope_pending, upscope_pending_cancel, upscope_pending_free, upscope_pending_wait, upscope_start,
};
use crate::status::{UPSCOPE_INTERNAL, UPSCOPE_INVALID_ARGUMENT, UPSCOPE_OK, upscope_status};
use crate::strings::upscope_string_free;
use crate::version::{upscope_operations, upscope_version};
use crate::webhook::upscope_parse_webhook;

/// See `upscope_client_new`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_client_new(
    config: *const u16,
    client: *mut *mut upscope_client,
    error: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe {
        set_null(client);
        return_text(error, |out| {
            let config = utf8_arg(config, "config")?;
            Ok(upscope_client_new(config.as_ptr(), client, out))
        })
    }
}

/// See `upscope_client_free`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_client_free(client: *mut upscope_client) {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe { upscope_client_free(client) }
}

/// See `upscope_client_close`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_client_close(client: *const upscope_client) {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe { upscope_client_close(client) }
}

/// See `upscope_connection_info`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_connection_info(
    client: *const upscope_client,
    info: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe { return_text(info, |out| Ok(upscope_connection_info(client, out))) }
}

/// See `upscope_call`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_call(
    client: *const upscope_client,
    operation: *const u16,
    request: *const u16,
    response: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe {
        return_text(response, |out| {
            let operation = utf8_arg(operation, "operation")?;
            let request = utf8_arg(request, "request").map_err(|error| operation.add_operation_to(error))?;
            Ok(upscope_call(client, operation.as_ptr(), request.as_ptr(), out))
        })
    }
}

/// See `upscope_json_get`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_json_get(
    json: *const u16,
    pointer: *const u16,
    value: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe {
        return_text(value, |out| {
            let (json, pointer) = (utf8_arg(json, "json")?, utf8_arg(pointer, "pointer")?);
            Ok(upscope_json_get(json.as_ptr(), pointer.as_ptr(), out))
        })
    }
}

/// See `upscope_json_build`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_json_build(
    operation: *const u16,
    fields: *const *const u16,
    request: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe {
        return_text(request, |out| {
            let operation = utf8_arg(operation, "operation")?;
            let strings = utf8_list_arg(fields, "fields").map_err(|error| operation.add_operation_to(error))?;
            let pointers: Option<Vec<_>> = strings.as_ref().map(|list| list.iter().map(Utf8Arg::as_ptr).collect());
            let fields = pointers.as_ref().map_or(ptr::null(), Vec::as_ptr);
            Ok(upscope_json_build(operation.as_ptr(), fields, out))
        })
    }
}

/// See `upscope_parse_webhook`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_parse_webhook(
    body: *const u16,
    session: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe {
        return_text(session, |out| {
            let body = utf8_arg(body, "body")?;
            Ok(upscope_parse_webhook(body.as_ptr(), out))
        })
    }
}

/// See `upscope_sessions_open`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_sessions_open(
    client: *const upscope_client,
    request: *const u16,
    pages: *mut *mut upscope_sessions,
    error: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe {
        set_null(pages);
        return_text(error, |out| {
            let request = utf8_arg(request, "request").map_err(|error| error.in_operation("list_sessions"))?;
            Ok(upscope_sessions_open(client, request.as_ptr(), pages, out))
        })
    }
}

/// See `upscope_sessions_next`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_sessions_next(
    pages: *mut upscope_sessions,
    page: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe { return_text(page, |out| Ok(upscope_sessions_next(pages, out))) }
}

/// See `upscope_sessions_start_next`; there is no callback.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_sessions_start_next(
    pages: *mut upscope_sessions,
    pending: *mut *mut upscope_pending,
    error: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe {
        set_null(pending);
        return_text(error, |out| Ok(upscope_sessions_start_next(pages, None, ptr::null_mut(), pending, out)))
    }
}

/// See `upscope_sessions_free`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_sessions_free(pages: *mut upscope_sessions) {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe { upscope_sessions_free(pages) }
}

/// See `upscope_start`; there is no callback.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_start(
    client: *const upscope_client,
    operation: *const u16,
    request: *const u16,
    pending: *mut *mut upscope_pending,
    error: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe {
        set_null(pending);
        return_text(error, |out| {
            let operation = utf8_arg(operation, "operation")?;
            let request = utf8_arg(request, "request").map_err(|error| operation.add_operation_to(error))?;
            Ok(upscope_start(client, operation.as_ptr(), request.as_ptr(), None, ptr::null_mut(), pending, out))
        })
    }
}

/// See `upscope_pending_wait`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_pending_wait(
    pending: *mut upscope_pending,
    timeout_ms: u32,
    response: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe { return_text(response, |out| Ok(upscope_pending_wait(pending, timeout_ms, out))) }
}

/// See `upscope_pending_cancel`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_pending_cancel(pending: *mut upscope_pending) {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe { upscope_pending_cancel(pending) }
}

/// See `upscope_pending_free`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_pending_free(pending: *mut upscope_pending) {
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe { upscope_pending_free(pending) }
}

/// Returns information about the library. what: 1 for the version, 2 for the operations as JSON.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_about(what: i32, text: *mut *mut upscope_text) -> upscope_status {
    let return_static = |out: *mut *mut upscope_text, string: *const c_char| {
        // SAFETY: a static string of the library, and `return_text` runs the body only if `out` is not null.
        unsafe { out.write(to_text(CStr::from_ptr(string).to_bytes())) };
        UPSCOPE_OK
    };
    // SAFETY: each pointer is null or valid, as the caller promises.
    unsafe {
        return_text(text, |_| match what {
            1 => Ok(return_static(text, upscope_version())),
            2 => Ok(return_static(text, upscope_operations())),
            _ => Err(Error::invalid_argument("what must be 1 (the version) or 2 (the operations).")),
        })
    }
}

/// Runs the body of an export that returns text through `out`. The body calls the C function with an out-pointer for
/// its string, which is then converted.
///
/// # Safety
/// `out` must be null or valid for writes.
unsafe fn return_text(
    out: *mut *mut upscope_text,
    body: impl FnOnce(*mut *mut c_char) -> Result<upscope_status, Error>,
) -> upscope_status {
    if out.is_null() {
        return UPSCOPE_INVALID_ARGUMENT;
    }
    // SAFETY: the caller's promise.
    unsafe { set_null(out) };
    let mut string: *mut c_char = ptr::null_mut();
    let string_out = &raw mut string;
    let result = guard(|| body(string_out)).and_then(|status| status).and_then(|status| {
        guard(|| {
            if !string.is_null() {
                // SAFETY: the C function has set it to a string, which is freed below.
                unsafe { out.write(to_text(CStr::from_ptr(string).to_bytes())) };
            }
            status
        })
    });
    // SAFETY: NULL, or a string that the C function returned; freed once.
    unsafe { upscope_string_free(string) };
    result.unwrap_or_else(|error| {
        let status = error.code() as upscope_status;
        let text = guard(|| to_text(error.to_json().as_bytes()));
        // SAFETY: `out` is not null, and the caller promises that it can be written.
        text.map_or(UPSCOPE_INTERNAL, |text| unsafe {
            out.write(text);
            status
        })
    })
}

/// Sets an out-pointer to null, so that it is set on every path.
///
/// # Safety
/// `out` must be null or valid for writes.
unsafe fn set_null<T>(out: *mut *mut T) {
    if !out.is_null() {
        // SAFETY: `out` is not null, and the caller promises that it can be written.
        unsafe { out.write(ptr::null_mut()) };
    }
}
