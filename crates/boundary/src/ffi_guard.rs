//! The wall that every export stands behind: null out-pointers, text in, text out, panics.

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use upscope_core::{Client, Error, catch_panic};

use crate::status::{UPSCOPE_DONE, UPSCOPE_INVALID_ARGUMENT, UPSCOPE_OK, upscope_status};

/// How a call ended and what it hands out.
pub(crate) struct Outcome {
    pub(crate) status: upscope_status,
    /// JSON.
    pub(crate) text: Option<String>,
}

impl Outcome {
    pub(crate) fn ok(text: String) -> Outcome {
        Outcome { status: UPSCOPE_OK, text: Some(text) }
    }

    pub(crate) fn failed(error: &Error) -> Outcome {
        Outcome { status: error.code() as upscope_status, text: Some(error.to_json()) }
    }

    /// How a call of this client's ended.
    pub(crate) fn from_call(client: &Client, result: Result<String, Error>) -> Outcome {
        Outcome::from_page(client, result.map(Some))
    }

    /// How a walk of this client's got on: None after the last page.
    pub(crate) fn from_page(client: &Client, result: Result<Option<String>, Error>) -> Outcome {
        match result {
            Ok(Some(text)) => Outcome::ok(text),
            Ok(None) => Outcome { status: UPSCOPE_DONE, text: None },
            Err(error) => Outcome { status: error.code() as upscope_status, text: Some(client.error_json(&error)) },
        }
    }
}

impl From<Result<String, Error>> for Outcome {
    fn from(result: Result<String, Error>) -> Outcome {
        match result {
            Ok(text) => Outcome::ok(text),
            Err(error) => Outcome::failed(&error),
        }
    }
}

impl From<Result<(), Error>> for Outcome {
    fn from(result: Result<(), Error>) -> Outcome {
        match result {
            Ok(()) => Outcome { status: UPSCOPE_OK, text: None },
            Err(error) => Outcome::failed(&error),
        }
    }
}

/// Runs the body of an export that hands out a handle through `out`, which the body sets, or an error.
///
/// # Safety
/// `out` and `error_json` are null, or may be written.
pub(crate) unsafe fn return_handle<T>(
    out: *mut *mut T,
    error_json: *mut *mut c_char,
    body: impl FnOnce() -> Result<(), Error>,
) -> upscope_status {
    if out.is_null() {
        let refusal = || Outcome::failed(&Error::invalid_argument("The place for the handle is NULL."));
        // SAFETY: as the caller promises. Where there is no place for the error either, the status alone tells.
        return unsafe { return_json(error_json, refusal) };
    }
    // SAFETY: not null, and the caller lets us write through it.
    unsafe { out.write(ptr::null_mut()) };
    // SAFETY: as the caller promises.
    unsafe { return_json(error_json, || body().into()) }
}

/// Runs the body of an export that hands out text through `out`.
///
/// # Safety
/// `out` is null, or may be written.
pub(crate) unsafe fn return_json(out: *mut *mut c_char, body: impl FnOnce() -> Outcome) -> upscope_status {
    if out.is_null() {
        return UPSCOPE_INVALID_ARGUMENT;
    }
    let outcome = guard(body).unwrap_or_else(|fault| Outcome::failed(&fault));
    // SAFETY: not null, and the caller lets us write through it.
    unsafe { write_outcome(outcome, out) }
}

/// # Safety
/// `out` may be written.
unsafe fn write_outcome(outcome: Outcome, out: *mut *mut c_char) -> upscope_status {
    let text = outcome.text.map_or(ptr::null_mut(), |json| c_string(json).into_raw());
    // SAFETY: as the caller promises.
    unsafe { out.write(text) };
    outcome.status
}

/// JSON with a NUL at its end. There is none within: the core has read it as JSON, or written it, and JSON escapes control
/// characters. The core has left room for it in answers, so that no memory is asked for that may not be there.
pub(crate) fn c_string(json: String) -> CString {
    let bytes = json.into_bytes();
    debug_assert!(!bytes.contains(&0), "JSON with a NUL in it");
    // SAFETY: as said above; `call/response.rs` of the core has the test.
    unsafe { CString::from_vec_unchecked(bytes) }
}

/// Runs `body`; a panic becomes an error.
pub(crate) fn guard<T>(body: impl FnOnce() -> T) -> Result<T, Error> {
    catch_panic(|| {
        #[cfg(test)]
        injected::strike();
        body()
    })
}

/// The text at `text`; NULL is an empty object.
///
/// # Safety
/// `text` is null, or NUL-terminated and unchanged while the result lives.
pub(crate) unsafe fn json_in<'a>(text: *const c_char, what: &str) -> Result<&'a str, Error> {
    if text.is_null() {
        return Ok("{}");
    }
    // SAFETY: as the caller promises.
    unsafe { text_in(text, what) }
}

/// The text at `text`, which may not be NULL.
///
/// # Safety
/// `text` is null, or NUL-terminated and unchanged while the result lives.
pub(crate) unsafe fn text_in<'a>(text: *const c_char, what: &str) -> Result<&'a str, Error> {
    if text.is_null() {
        return Err(Error::invalid_argument(format!("{what} is NULL.")));
    }
    // SAFETY: not null, and NUL-terminated as the caller promises.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    std::str::from_utf8(bytes).map_err(|error| {
        let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
        let reason = if is_utf16 { ", but begins as UTF-16 does" } else { "" };
        Error::invalid_argument(format!("{what} is not UTF-8 (at byte {}){reason}.", error.valid_up_to()))
    })
}

/// What a handle points to.
///
/// # Safety
/// `handle` is null, or came from this library and was not freed.
pub(crate) unsafe fn handle_in<'a, T>(handle: *const T, what: &str) -> Result<&'a T, Error> {
    // SAFETY: as the caller promises.
    unsafe { handle.as_ref() }.ok_or_else(|| Error::invalid_argument(format!("{what} is NULL.")))
}

/// A fault behind the wall, for the tests.
#[cfg(test)]
pub(crate) mod injected {
    use std::cell::Cell;

    thread_local! {
        static ARMED: Cell<bool> = const { Cell::new(false) };
    }

    /// The next thing that this thread does behind the wall panics.
    pub(crate) fn arm() {
        ARMED.set(true);
    }

    /// Whether nothing came behind the wall since.
    pub(crate) fn is_armed() -> bool {
        ARMED.get()
    }

    pub(super) fn strike() {
        assert!(!ARMED.take(), "sk_live_injected");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::UPSCOPE_INTERNAL;

    fn caught(body: impl FnOnce() -> Outcome) -> (upscope_status, String) {
        let mut out = ptr::null_mut();
        // SAFETY: `out` may be written.
        let status = unsafe { return_json(&raw mut out, body) };
        // SAFETY: `return_json` made it.
        let text = unsafe { CString::from_raw(out) };
        (status, text.into_string().unwrap())
    }

    #[test]
    fn a_panic_becomes_a_status_that_tells_where_and_not_what() {
        let (status, text) = caught(|| panic!("sk_live_1"));
        assert_eq!(status, UPSCOPE_INTERNAL);
        assert!(text.contains("ffi_guard.rs, line") && !text.contains("sk_live_1"), "{text}");
    }

    #[test]
    fn text_in_another_encoding_is_told_apart() {
        for (text, part) in [(c"a\xff", "(at byte 1)."), (c"\xff\xfe{", "(at byte 0), but begins as UTF-16 does.")] {
            // SAFETY: NUL-terminated.
            let error = unsafe { text_in(text.as_ptr(), "body") }.unwrap_err();
            assert!(error.message().ends_with(part), "{error}");
        }
    }

    #[test]
    fn no_out_pointer_no_call() {
        // SAFETY: null is allowed.
        let status = unsafe { return_json(ptr::null_mut(), || panic!("not called")) };
        assert_eq!(status, UPSCOPE_INVALID_ARGUMENT);
    }

    #[test]
    fn a_panic_within_a_real_call_becomes_a_status() {
        use std::io::{Read, Write};
        use std::sync::Arc;

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let service = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"usage\":{}}").unwrap();
        });
        let config = format!(r#"{{"api_key":"k","base_url":"http://127.0.0.1:{port}","proxy":""}}"#);
        let config = CString::new(config).unwrap();
        let (mut client, mut text) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the pointers are valid, and each handle is freed once.
        unsafe {
            assert_eq!(crate::upscope_client_new(config.as_ptr(), &raw mut client, &raw mut text), UPSCOPE_OK);
            // All clients of the process share the hook, those of other tests too.
            let own = std::thread::current().id();
            let hook = move |_, line: &str| assert!(std::thread::current().id() != own, "{line}");
            upscope_core::log::set_logger(Some(Arc::new(hook)), 4);
            let status = crate::upscope_get_usage(client, ptr::null(), &raw mut text);
            upscope_core::log::set_logger(None, 0);
            assert_eq!(status, UPSCOPE_INTERNAL);
            let json = CString::from_raw(text).into_string().unwrap();
            assert!(json.contains(r#""code":"internal""#) && json.contains("ffi_guard.rs"), "{json}");
            // The client still works: nothing was left locked or half done.
            assert_eq!(crate::upscope_get_usage(client, c"[]".as_ptr(), &raw mut text), UPSCOPE_INVALID_ARGUMENT);
            crate::upscope_string_free(text);
            crate::upscope_client_free(client);
        }
        service.join().unwrap();
    }
}
