//! The page iterator.

use std::ffi::c_char;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use upscope_core::{Client, Pages};

use crate::client::{upscope_client, without_place_for_the_result};
use crate::status::{UPSCOPE_DONE, UPSCOPE_OK, upscope_status};
use crate::wall::{Outcome, answering, guarded, handle_in, json_in};

/// A walk through the pages of sessions. Two threads that use one at once take turns.
pub struct upscope_sessions {
    pages: Mutex<Pages>,
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
    if pages.is_null() || error_json.is_null() {
        return without_place_for_the_result(pages, error_json);
    }
    // SAFETY: not null, and the caller lets us write through them.
    unsafe {
        pages.write(ptr::null_mut());
        answering(error_json, || {
            let opened = handle_in(client, "client").and_then(|handle| {
                let walk = handle.client.session_pages(json_in(request_json, "request_json")?)?;
                Ok(upscope_sessions { pages: Mutex::new(walk), client: handle.client.clone() })
            });
            match opened {
                Ok(walk) => {
                    pages.write(Box::into_raw(Box::new(walk)));
                    Outcome { status: UPSCOPE_OK, text: None }
                }
                Err(error) => Outcome::failed(&error.in_operation("list_sessions")),
            }
        })
    }
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
        answering(page_json, || {
            let walk = match handle_in(pages, "pages") {
                Ok(walk) => walk,
                Err(error) => return Outcome::failed(&error.in_operation("list_sessions")),
            };
            // A panic of an earlier call leaves the walk where it was.
            let mut pages = walk.pages.lock().unwrap_or_else(PoisonError::into_inner);
            match pages.next_page() {
                Ok(Some(page)) => Outcome::ok(page),
                Ok(None) => Outcome { status: UPSCOPE_DONE, text: None },
                Err(error) => {
                    Outcome { status: error.code() as upscope_status, text: Some(walk.client.error_json(&error)) }
                }
            }
        })
    }
}

/// Ends a walk. NULL is fine. Its client may have been freed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_sessions_free(pages: *mut upscope_sessions) {
    let _ = guarded(|| {
        if !pages.is_null() {
            // SAFETY: it came from `Box::into_raw`, and is freed once.
            drop(unsafe { Box::from_raw(pages) });
        }
    });
}
