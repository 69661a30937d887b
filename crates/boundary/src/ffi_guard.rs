//! What every export shares: it catches panics, checks pointers and UTF-8, and sets out-pointers.

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use upscope_core::{Client, Error, catch_panic};

use crate::status::{UPSCOPE_DONE, UPSCOPE_INVALID_ARGUMENT, UPSCOPE_OK, upscope_status};

/// What an export returns: a status, and JSON through an out-pointer.
pub(crate) struct ReturnValue {
    pub(crate) status: upscope_status,
    /// `None` becomes NULL.
    pub(crate) json: Option<String>,
}

impl ReturnValue {
    pub(crate) fn ok(json: String) -> ReturnValue {
        ReturnValue { status: UPSCOPE_OK, json: Some(json) }
    }

    pub(crate) fn from_error(error: &Error) -> ReturnValue {
        ReturnValue { status: error.code() as upscope_status, json: Some(error.to_json()) }
    }

    /// The result of a call that `client` made.
    pub(crate) fn from_call(client: &Client, result: Result<String, Error>) -> ReturnValue {
        ReturnValue::from_page(client, result.map(Some))
    }

    /// The next page of an iterator that `client` made; `None` after the last page.
    pub(crate) fn from_page(client: &Client, result: Result<Option<String>, Error>) -> ReturnValue {
        match result {
            Ok(Some(json)) => ReturnValue::ok(json),
            Ok(None) => ReturnValue { status: UPSCOPE_DONE, json: None },
            Err(error) => ReturnValue { status: error.code() as upscope_status, json: Some(client.error_json(&error)) },
        }
    }
}

impl From<Result<String, Error>> for ReturnValue {
    fn from(result: Result<String, Error>) -> ReturnValue {
        match result {
            Ok(json) => ReturnValue::ok(json),
            Err(error) => ReturnValue::from_error(&error),
        }
    }
}

impl From<Result<(), Error>> for ReturnValue {
    fn from(result: Result<(), Error>) -> ReturnValue {
        match result {
            Ok(()) => ReturnValue { status: UPSCOPE_OK, json: None },
            Err(error) => ReturnValue::from_error(&error),
        }
    }
}

/// Runs the body of an export that returns a handle through `out` or an error through `error_json`.
///
/// On success, the body has written the handle to `out`. `name` is the parameter's name in the header.
///
/// # Safety
/// `out` and `error_json` must be null or valid for writes.
pub(crate) unsafe fn return_handle<T>(
    name: &str,
    out: *mut *mut T,
    error_json: *mut *mut c_char,
    body: impl FnOnce() -> Result<(), Error>,
) -> upscope_status {
    if out.is_null() {
        let error = || ReturnValue::from_error(&Error::invalid_argument(format!("{name} must not be NULL.")));
        // SAFETY: the caller's promise.
        return unsafe { return_json(error_json, error) };
    }
    // SAFETY: `out` is not null, and the caller promises that it can be written.
    unsafe { out.write(ptr::null_mut()) };
    // SAFETY: the caller's promise.
    unsafe { return_json(error_json, || body().into()) }
}

/// Runs the body of an export that returns JSON through `out`. If `out` is null, the body does not run.
///
/// # Safety
/// `out` must be null or valid for writes.
pub(crate) unsafe fn return_json(out: *mut *mut c_char, body: impl FnOnce() -> ReturnValue) -> upscope_status {
    if out.is_null() {
        return UPSCOPE_INVALID_ARGUMENT;
    }
    let value = guard(body).unwrap_or_else(|panic| ReturnValue::from_error(&panic));
    let json = value.json.map_or(ptr::null_mut(), |json| into_c_string(json).into_raw());
    // SAFETY: `out` is not null, and the caller promises that it can be written.
    unsafe { out.write(json) };
    value.status
}

/// Appends a NUL to JSON. The core reserves a byte for it in responses, so this does not allocate.
///
/// JSON contains no NUL: it escapes control characters, and the core has parsed or written every text that gets here. The
/// core refuses to unescape a string that would contain one.
pub(crate) fn into_c_string(json: String) -> CString {
    let bytes = json.into_bytes();
    debug_assert!(!bytes.contains(&0), "JSON that contains a NUL");
    // SAFETY: there is no NUL, as stated above; `call/response.rs` and `json.rs` of the core have the tests.
    unsafe { CString::from_vec_unchecked(bytes) }
}

/// Runs `body` and turns a panic into an error.
pub(crate) fn guard<T>(body: impl FnOnce() -> T) -> Result<T, Error> {
    catch_panic(|| {
        #[cfg(test)]
        panic_injection::panic_if_requested();
        body()
    })
}

/// A JSON parameter that may be NULL, which means an empty object.
///
/// # Safety
/// `text` must be null, or NUL-terminated and unchanged for `'a`.
pub(crate) unsafe fn json_arg<'a>(text: *const c_char, name: &str) -> Result<&'a str, Error> {
    if text.is_null() {
        return Ok("{}");
    }
    // SAFETY: the caller's promise.
    unsafe { str_arg(text, name) }
}

/// A string parameter that must not be NULL.
///
/// # Safety
/// `text` must be null, or NUL-terminated and unchanged for `'a`.
pub(crate) unsafe fn str_arg<'a>(text: *const c_char, name: &str) -> Result<&'a str, Error> {
    if text.is_null() {
        return Err(Error::invalid_argument(format!("{name} must not be NULL.")));
    }
    // SAFETY: not null, and the caller promises a NUL at the end.
    utf8(unsafe { CStr::from_ptr(text) }.to_bytes(), name)
}

/// Text of the caller, which must be UTF-8.
pub(crate) fn utf8<'a>(bytes: &'a [u8], name: &str) -> Result<&'a str, Error> {
    std::str::from_utf8(bytes).map_err(|error| {
        let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
        let hint = if is_utf16 { "; it starts with a UTF-16 byte order mark" } else { "" };
        Error::invalid_argument(format!("{name} is not UTF-8 (at byte {}){hint}.", error.valid_up_to()))
    })
}

/// A handle parameter that must not be NULL.
///
/// # Safety
/// `handle` must be null, or a handle of this library that has not been freed.
pub(crate) unsafe fn handle_arg<'a, T>(handle: *const T, name: &str) -> Result<&'a T, Error> {
    // SAFETY: the caller's promise.
    unsafe { handle.as_ref() }.ok_or_else(|| Error::invalid_argument(format!("{name} must not be NULL.")))
}

/// Lets a test make the next guarded body on its own thread panic.
#[cfg(test)]
pub(crate) mod panic_injection {
    use std::cell::Cell;

    thread_local! {
        static REQUESTED: Cell<bool> = const { Cell::new(false) };
    }

    /// Makes the next body that [`guard`](super::guard) runs on this thread panic.
    pub(crate) fn request_panic() {
        REQUESTED.set(true);
    }

    /// Whether the requested panic has not happened yet.
    pub(crate) fn is_requested() -> bool {
        REQUESTED.get()
    }

    pub(super) fn panic_if_requested() {
        assert!(!REQUESTED.take(), "sk_live_injected");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::UPSCOPE_INTERNAL;

    fn run(body: impl FnOnce() -> ReturnValue) -> (upscope_status, String) {
        let mut out = ptr::null_mut();
        // SAFETY: `out` is valid for writes.
        let status = unsafe { return_json(&raw mut out, body) };
        // SAFETY: `return_json` allocated the string.
        let text = unsafe { CString::from_raw(out) };
        (status, text.into_string().unwrap())
    }

    #[test]
    fn a_panic_becomes_an_error_with_its_location_and_without_its_message() {
        let (status, text) = run(|| panic!("sk_live_1"));
        assert_eq!(status, UPSCOPE_INTERNAL);
        assert!(text.contains("ffi_guard.rs, line") && !text.contains("sk_live_1"), "{text}");
    }

    #[test]
    fn text_that_is_not_utf8_is_refused_with_a_hint() {
        for (text, end) in
            [(c"a\xff", "(at byte 1)."), (c"\xff\xfe{", "(at byte 0); it starts with a UTF-16 byte order mark.")]
        {
            // SAFETY: NUL-terminated.
            let error = unsafe { str_arg(text.as_ptr(), "body") }.unwrap_err();
            assert!(error.message().ends_with(end), "{error}");
        }
    }

    #[test]
    fn the_body_does_not_run_without_an_out_pointer() {
        // SAFETY: null is allowed.
        let status = unsafe { return_json(ptr::null_mut(), || panic!("not called")) };
        assert_eq!(status, UPSCOPE_INVALID_ARGUMENT);
    }

    #[test]
    fn a_panic_during_a_call_becomes_an_error_and_the_client_still_works() {
        use std::io::{Read, Write};
        use std::sync::Arc;

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
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
            // All clients of the process share the hook, including those of other tests.
            let this_thread = std::thread::current().id();
            let hook = move |_, line: &str| assert!(std::thread::current().id() != this_thread, "{line}");
            upscope_core::log::set_logger(Some(Arc::new(hook)), 4);
            let status = crate::upscope_get_usage(client, ptr::null(), &raw mut text);
            upscope_core::log::set_logger(None, 0);
            assert_eq!(status, UPSCOPE_INTERNAL);
            let json = CString::from_raw(text).into_string().unwrap();
            assert!(json.contains(r#""code":"internal""#) && json.contains("ffi_guard.rs"), "{json}");
            // The client still works.
            assert_eq!(crate::upscope_get_usage(client, c"[]".as_ptr(), &raw mut text), UPSCOPE_INVALID_ARGUMENT);
            crate::upscope_string_free(text);
            crate::upscope_client_free(client);
        }
        server.join().unwrap();
    }
}
