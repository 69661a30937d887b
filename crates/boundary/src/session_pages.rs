//! The page iterator.

use std::ffi::{c_char, c_void};

use upscope_core::{Client, Error, Pages};

use crate::client::upscope_client;
use crate::ffi_guard::{Outcome, guard, handle_in, json_in, return_handle, return_json};
use crate::started_calls::{Started, on_done, start, upscope_done_fn, upscope_pending};
use crate::status::upscope_status;

/// A walk through the pages of sessions. Threads that use one at once get one page each, in the order in which they ask.
pub struct upscope_sessions {
    pages: Pages,
    client: Client,
}

/// Begins a walk through all sessions, page by page, from first to last. Nothing is sent yet.
///
/// request_json: as for upscope_list_sessions, or NULL for all sessions.
/// pages: set to the walk, which upscope_sessions_free frees; NULL on failure.
/// error_json: set to NULL on success, else to an error object to free with upscope_string_free.
///
/// Returns UPSCOPE_OK or UPSCOPE_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_sessions_open(
    client: *const upscope_client,
    request_json: *const c_char,
    pages: *mut *mut upscope_sessions,
    error_json: *mut *mut c_char,
) -> upscope_status {
    let open = || {
        // SAFETY: as the caller promises.
        let (client, request) =
            unsafe { (&handle_in(client, "client")?.client, json_in(request_json, "request_json")?) };
        let walk = upscope_sessions { pages: client.session_pages(request)?, client: client.clone() };
        // SAFETY: `return_handle` lets the body run only where the place may be written.
        unsafe { pages.write(Box::into_raw(Box::new(walk))) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { return_handle(pages, error_json, || open().map_err(|error: Error| error.in_operation("list_sessions"))) }
}

/// Fetches the next page.
///
/// page_json: set to the answer of upscope_list_sessions, to free with upscope_string_free; to NULL after the last
/// page; to an error object on failure. After a failure the same page can be asked for again.
///
/// Returns UPSCOPE_OK, UPSCOPE_DONE after the last page, or what upscope_list_sessions returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_sessions_next(
    pages: *mut upscope_sessions,
    page_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises, for both.
    unsafe {
        return_json(page_json, || match handle_in(pages, "pages") {
            Ok(walk) => Outcome::from_page(&walk.client, walk.pages.next_page()),
            Err(error) => Outcome::failed(&error.in_operation("list_sessions")),
        })
    }
}

/// Starts to fetch the next page and returns at once: upscope_sessions_next as upscope_start would start it.
///
/// The handle ends with UPSCOPE_OK and the page, with UPSCOPE_DONE and NULL after the last page, or with an error object.
/// Pages that are started before others have come follow in the order of their start.
///
/// done, user_data, pending, error_json: as for upscope_start. The walk may be freed before the page has come.
///
/// Returns UPSCOPE_OK, UPSCOPE_INVALID_ARGUMENT, or UPSCOPE_INTERNAL when no thread can be started.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_sessions_start_next(
    pages: *mut upscope_sessions,
    done: upscope_done_fn,
    user_data: *mut c_void,
    pending: *mut *mut upscope_pending,
    error_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe {
        return_handle(pending, error_json, || {
            let walk = handle_in(pages, "pages").map_err(|error| error.in_operation("list_sessions"))?;
            let told = on_done(&walk.client, done, user_data, Outcome::from_page);
            let (page, starter) = walk.pages.prepare_next(told);
            start(Started::Page(page), starter, &walk.client, pending)
        })
    }
}

/// Says whether the page after the one that is handed out is fetched meanwhile, on a thread of the client's: 0 (as at
/// the start) for no. What goes wrong with it is told when it is asked for. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_sessions_prefetch(pages: *mut upscope_sessions, on: i32) {
    let _ = guard(|| {
        // SAFETY: as the caller promises.
        if let Ok(walk) = unsafe { handle_in(pages, "pages") } {
            walk.pages.prefetch(on != 0);
        }
    });
}

/// Ends a walk. NULL is fine. Its client may have been freed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_sessions_free(pages: *mut upscope_sessions) {
    let _ = guard(|| {
        if !pages.is_null() {
            // SAFETY: it came from `Box::into_raw`, and is freed once.
            drop(unsafe { Box::from_raw(pages) });
        }
    });
}
