//! The iterator over pages of sessions.

use std::ffi::{c_char, c_void};

use upscope_core::{Client, Error, Pages};

use crate::client::upscope_client;
use crate::ffi_guard::{ReturnValue, guard, handle_arg, json_arg, return_handle, return_json};
use crate::started_calls::{StartedCall, done_callback, return_and_start, upscope_done_fn, upscope_pending};
use crate::status::upscope_status;

/// An iterator over the pages of sessions. Threads that use one iterator at the same time get one page each, in the
/// order in which they ask.
pub struct upscope_sessions {
    pages: Pages,
    client: Client,
}

/// Creates an iterator over the pages of sessions, from first to last. This sends nothing.
///
/// request_json: as for upscope_list_sessions, or NULL for all sessions.
/// pages: set to the new iterator, which the caller frees with upscope_sessions_free; set to NULL on failure.
/// error_json: set to NULL on success, or to an error object that the caller frees with upscope_string_free.
///
/// Returns UPSCOPE_OK, or UPSCOPE_INVALID_ARGUMENT if the request is not valid. Any thread may call this function.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_sessions_open(
    client: *const upscope_client,
    request_json: *const c_char,
    pages: *mut *mut upscope_sessions,
    error_json: *mut *mut c_char,
) -> upscope_status {
    let open = || {
        // SAFETY: each pointer is null or valid, as the header requires.
        let (client, request) =
            unsafe { (&handle_arg(client, "client")?.client, json_arg(request_json, "request_json")?) };
        let iterator = upscope_sessions { pages: client.session_pages(request)?, client: client.clone() };
        // SAFETY: `return_handle` runs the body only if `pages` is not null.
        unsafe { pages.write(Box::into_raw(Box::new(iterator))) };
        Ok(())
    };
    let body = || open().map_err(|error: Error| error.in_operation("list_sessions"));
    // SAFETY: each pointer is null or valid, as the header requires.
    unsafe { return_handle("pages", pages, error_json, body) }
}

/// Fetches the next page. Blocks until the page arrives or the deadline passes.
///
/// page_json: set to the page, as upscope_list_sessions returns it; to NULL after the last page; or to an error
///   object. Free it with upscope_string_free.
///
/// Returns UPSCOPE_OK, UPSCOPE_DONE after the last page, or an error as upscope_list_sessions does. After an error,
/// the next call fetches the same page again. Any thread may call this function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_sessions_next(
    pages: *mut upscope_sessions,
    page_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the header requires.
    unsafe {
        return_json(page_json, || match handle_arg(pages, "pages") {
            Ok(iterator) => ReturnValue::from_page(&iterator.client, iterator.pages.next_page()),
            Err(error) => ReturnValue::from_error(&error.in_operation("list_sessions")),
        })
    }
}

/// Starts to fetch the next page and returns immediately, as upscope_start does for a call.
///
/// The started call ends with UPSCOPE_OK and the page, with UPSCOPE_DONE and NULL after the last page, or with an
/// error object. Several pages may be started at once; they arrive in the order in which they were started. The
/// iterator may be freed before the page arrives.
///
/// done, user_data, pending, error_json: as for upscope_start.
///
/// Returns UPSCOPE_OK, UPSCOPE_INVALID_ARGUMENT, or UPSCOPE_INTERNAL if no thread can be started. Any thread may call
/// this function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_sessions_start_next(
    pages: *mut upscope_sessions,
    done: upscope_done_fn,
    user_data: *mut c_void,
    pending: *mut *mut upscope_pending,
    error_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the header requires.
    unsafe {
        return_handle("pending", pending, error_json, || {
            let iterator = handle_arg(pages, "pages").map_err(|error| error.in_operation("list_sessions"))?;
            let callback = done_callback(&iterator.client, done, user_data, ReturnValue::from_page);
            let (page, starter) = iterator.pages.prepare_next(callback);
            return_and_start(StartedCall::Page(page), starter, &iterator.client, pending)
        })
    }
}

/// Enables background prefetch of the next page. It is off by default.
///
/// While the program processes one page, a thread of the client fetches the next one. If that fails, the call that
/// asks for this page returns the error.
///
/// pages: NULL does nothing.
/// on: 0 disables prefetch, any other value enables it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_sessions_prefetch(pages: *mut upscope_sessions, on: i32) {
    let _ = guard(|| {
        // SAFETY: the pointer is null or valid, as the header requires.
        if let Ok(iterator) = unsafe { handle_arg(pages, "pages") } {
            iterator.pages.prefetch(on != 0);
        }
    });
}

/// Frees an iterator. NULL does nothing.
///
/// No other thread may be using the iterator. Its client may have been freed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_sessions_free(pages: *mut upscope_sessions) {
    let _ = guard(|| {
        if !pages.is_null() {
            // SAFETY: the handle came from `Box::into_raw`, and the caller frees it once.
            drop(unsafe { Box::from_raw(pages) });
        }
    });
}
