//! Entry points for languages that call stdcall functions with wide strings, as VB6, VBA and many others on Windows
//! do. They stand in no header: `docs/windows.md` lists them, and `bindings/vb6` declares them.
//!
//! Text comes in as NUL-terminated UTF-16 and goes out as a handle to be copied from. For the rest each is the function
//! of the same name in C, which it calls: the same checks, the same errors, the same ownership. There are no callbacks,
//! as VB6 code may run on no thread but its own; its programs ask from a timer.
//!
//! Exported on Windows alone; the tests run everywhere.

use std::ffi::{CStr, c_char};
use std::ptr;

use upscope_core::{Error, operation};
use zeroize::{Zeroize, Zeroizing};

use crate::call::upscope_call;
use crate::client::{upscope_client, upscope_client_free, upscope_client_new};
use crate::ffi_guard::guard;
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

/// Text that was handed out, in UTF-16: `upscope_w_text_copy` copies it, `upscope_w_text_free` frees it.
pub struct upscope_text {
    units: Vec<u16>,
}

impl Drop for upscope_text {
    /// It may hold a link or a token.
    fn drop(&mut self) {
        self.units.as_mut_slice().zeroize();
    }
}

/// `upscope_client_new`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_client_new(
    config: *const u16,
    client: *mut *mut upscope_client,
    error: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe {
        unset(client);
        return_json(error, |out| {
            let config = narrow(config, "config")?;
            Ok(upscope_client_new(config.as_ptr(), client, out))
        })
    }
}

/// `upscope_client_free`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_client_free(client: *mut upscope_client) {
    // SAFETY: as the caller promises.
    unsafe { upscope_client_free(client) }
}

/// `upscope_call`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_call(
    client: *const upscope_client,
    operation: *const u16,
    request: *const u16,
    response: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe {
        return_json(response, |out| {
            let operation = narrow(operation, "operation")?;
            let request = narrow(request, "request").map_err(|error| operation.within(error))?;
            Ok(upscope_call(client, operation.as_ptr(), request.as_ptr(), out))
        })
    }
}

/// `upscope_parse_webhook`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_parse_webhook(
    body: *const u16,
    session: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe {
        return_json(session, |out| {
            let body = narrow(body, "body")?;
            Ok(upscope_parse_webhook(body.as_ptr(), out))
        })
    }
}

/// `upscope_sessions_open`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_sessions_open(
    client: *const upscope_client,
    request: *const u16,
    pages: *mut *mut upscope_sessions,
    error: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe {
        unset(pages);
        return_json(error, |out| {
            let request = narrow(request, "request").map_err(|error| error.in_operation("list_sessions"))?;
            Ok(upscope_sessions_open(client, request.as_ptr(), pages, out))
        })
    }
}

/// `upscope_sessions_next`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_sessions_next(
    pages: *mut upscope_sessions,
    page: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { return_json(page, |out| Ok(upscope_sessions_next(pages, out))) }
}

/// `upscope_sessions_start_next`, for a program that asks.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_sessions_start_next(
    pages: *mut upscope_sessions,
    pending: *mut *mut upscope_pending,
    error: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe {
        unset(pending);
        return_json(error, |out| Ok(upscope_sessions_start_next(pages, None, ptr::null_mut(), pending, out)))
    }
}

/// `upscope_sessions_free`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_sessions_free(pages: *mut upscope_sessions) {
    // SAFETY: as the caller promises.
    unsafe { upscope_sessions_free(pages) }
}

/// `upscope_start`, for a program that asks.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_start(
    client: *const upscope_client,
    operation: *const u16,
    request: *const u16,
    pending: *mut *mut upscope_pending,
    error: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe {
        unset(pending);
        return_json(error, |out| {
            let operation = narrow(operation, "operation")?;
            let request = narrow(request, "request").map_err(|error| operation.within(error))?;
            Ok(upscope_start(client, operation.as_ptr(), request.as_ptr(), None, ptr::null_mut(), pending, out))
        })
    }
}

/// `upscope_pending_wait`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_pending_wait(
    pending: *mut upscope_pending,
    timeout_ms: u32,
    response: *mut *mut upscope_text,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { return_json(response, |out| Ok(upscope_pending_wait(pending, timeout_ms, out))) }
}

/// `upscope_pending_cancel`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_pending_cancel(pending: *mut upscope_pending) {
    // SAFETY: as the caller promises.
    unsafe { upscope_pending_cancel(pending) }
}

/// `upscope_pending_free`.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_pending_free(pending: *mut upscope_pending) {
    // SAFETY: as the caller promises.
    unsafe { upscope_pending_free(pending) }
}

/// How many UTF-16 units a text has, without a NUL; 0 for NULL.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_text_length(text: *const upscope_text) -> i32 {
    // SAFETY: as the caller promises.
    let length = guard(|| unsafe { text.as_ref() }.map_or(0, |text| text.units.len()));
    length.ok().and_then(|length| i32::try_from(length).ok()).unwrap_or(0)
}

/// Copies at most `units` units of a text to `buffer`, and no NUL. Answers how many; 0 for NULL.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_text_copy(text: *const upscope_text, buffer: *mut u16, units: i32) -> i32 {
    let copied = guard(|| {
        // SAFETY: as the caller promises.
        let Some(text) = (unsafe { text.as_ref() }) else { return 0 };
        let count = text.units.len().min(usize::try_from(units).unwrap_or(0));
        if buffer.is_null() {
            return 0;
        }
        // SAFETY: the caller has room for `units` units, of which these are no more, and nobody else has that room.
        unsafe { ptr::copy_nonoverlapping(text.units.as_ptr(), buffer, count) };
        // It was an i32 before.
        i32::try_from(count).unwrap_or(0)
    });
    copied.unwrap_or(0)
}

/// Frees a text and wipes it. NULL is fine.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_text_free(text: *mut upscope_text) {
    let _ = guard(|| {
        if !text.is_null() {
            // SAFETY: it came from `Box::into_raw`, and is freed once.
            drop(unsafe { Box::from_raw(text) });
        }
    });
}

/// What the library tells of itself. what: 1 the version, 2 the operations as JSON.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_about(what: i32, text: *mut *mut upscope_text) -> upscope_status {
    let told = |out: *mut *mut upscope_text, told: *const c_char| {
        // SAFETY: a string of the library's own, and a place that the caller lets us write.
        unsafe { out.write(widened(CStr::from_ptr(told).to_bytes())) };
        UPSCOPE_OK
    };
    // SAFETY: as the caller promises.
    unsafe {
        return_json(text, |_| match what {
            1 => Ok(told(text, upscope_version())),
            2 => Ok(told(text, upscope_operations())),
            _ => Err(Error::invalid_argument("what must be 1 (the version) or 2 (the operations).")),
        })
    }
}

/// Runs the body of an entry point that hands out text through `out`: the body calls the function in C with the place
/// for its text, and the text is handed on.
///
/// # Safety
/// `out` is null, or may be written.
unsafe fn return_json(
    out: *mut *mut upscope_text,
    body: impl FnOnce(*mut *mut c_char) -> Result<upscope_status, Error>,
) -> upscope_status {
    if out.is_null() {
        return UPSCOPE_INVALID_ARGUMENT;
    }
    // SAFETY: as the caller promises.
    unsafe { unset(out) };
    let mut text: *mut c_char = ptr::null_mut();
    let place = &raw mut text;
    let answered = guard(|| body(place)).and_then(|status| status).and_then(|status| {
        guard(|| {
            if !text.is_null() {
                // SAFETY: the function in C has set it to a string of its own, which is freed below.
                unsafe { out.write(widened(CStr::from_ptr(text).to_bytes())) };
            }
            status
        })
    });
    // SAFETY: NULL, or a string of the library's that is freed once.
    unsafe { upscope_string_free(text) };
    answered.unwrap_or_else(|error| {
        let status = error.code() as upscope_status;
        let told = guard(|| widened(error.to_json().as_bytes()));
        // SAFETY: not null, and the caller lets us write through it.
        told.map_or(UPSCOPE_INTERNAL, |told| unsafe {
            out.write(told);
            status
        })
    })
}

/// Text that is handed out.
fn widened(text: &[u8]) -> *mut upscope_text {
    let text = String::from_utf8_lossy(text);
    // Exactly as large as needed: what grows leaves copies behind that nobody wipes.
    let mut units = Vec::with_capacity(text.encode_utf16().count());
    units.extend(text.encode_utf16());
    Box::into_raw(Box::new(upscope_text { units }))
}

/// Text that came in, as the functions in C want it; wiped when it is dropped.
struct Narrow(Option<Zeroizing<Vec<u8>>>);

impl Narrow {
    /// NULL stays NULL.
    fn as_ptr(&self) -> *const c_char {
        self.0.as_ref().map_or(ptr::null(), |bytes| bytes.as_ptr().cast())
    }

    /// The error as one of the operation that this names, if it names one.
    fn within(&self, error: Error) -> Error {
        let name = self.0.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok()?.strip_suffix('\0'));
        match name.map(operation::name_of) {
            Some(Ok(name)) => error.in_operation(name),
            // That it is unknown matters more than what it was to do.
            Some(Err(unknown)) => unknown,
            None => error,
        }
    }
}

/// The text at `text`. Half a surrogate pair is no text: passed on as something else it would change what was meant.
///
/// # Safety
/// `text` is null, or NUL-terminated and unchanged until this returns.
unsafe fn narrow(text: *const u16, what: &str) -> Result<Narrow, Error> {
    if text.is_null() {
        return Ok(Narrow(None));
    }
    let mut length = 0;
    // SAFETY: the text ends with a NUL, and nothing behind that is read.
    let units = unsafe {
        while text.add(length).read() != 0 {
            length += 1;
        }
        std::slice::from_raw_parts(text, length)
    };
    // At most three bytes for a unit, and no growing: see `widened`.
    let mut bytes = Zeroizing::new(Vec::with_capacity(units.len() * 3 + 1));
    let mut place = 0;
    for letter in char::decode_utf16(units.iter().copied()) {
        let Ok(letter) = letter else {
            return Err(Error::invalid_argument(format!(
                "{what} is not UTF-16 (half a surrogate pair at unit {place})."
            )));
        };
        bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        place += letter.len_utf16();
    }
    bytes.push(0);
    Ok(Narrow(Some(bytes)))
}

/// An out-pointer is set whatever happens.
///
/// # Safety
/// `out` is null, or may be written.
unsafe fn unset<T>(out: *mut *mut T) {
    if !out.is_null() {
        // SAFETY: not null, and the caller lets us write through it.
        unsafe { out.write(ptr::null_mut()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi_guard::injected;
    use crate::status::{UPSCOPE_CANCELLED, UPSCOPE_PENDING};

    /// Nothing listens there.
    const CONFIG: &str = r#"{"api_key":"k","base_url":"http://127.0.0.1:1","proxy":"","max_retries":0}"#;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().chain([0]).collect()
    }

    /// Takes over and frees what was handed out.
    fn text_of(text: *mut upscope_text) -> String {
        // SAFETY: made by an entry point, and freed here once; the buffer is as long as is said.
        unsafe {
            let length = upscope_w_text_length(text);
            let mut units = vec![0xFFFF; length as usize + 1];
            assert_eq!(upscope_w_text_copy(text, units.as_mut_ptr(), length + 1), length);
            assert_eq!(units.pop(), Some(0xFFFF), "written behind the end");
            upscope_w_text_free(text);
            String::from_utf16(&units).unwrap()
        }
    }

    /// What an entry point gives, and its text; the place was not empty before.
    fn of(entry: impl FnOnce(*mut *mut upscope_text) -> upscope_status) -> (upscope_status, Option<String>) {
        let mut text = ptr::dangling_mut();
        let status = entry(&raw mut text);
        (status, (!text.is_null()).then(|| text_of(text)))
    }

    fn client() -> *mut upscope_client {
        let mut client = ptr::null_mut();
        // SAFETY: the pointers are valid.
        let made = of(|out| unsafe { upscope_w_client_new(wide(CONFIG).as_ptr(), &raw mut client, out) });
        assert_eq!(made, (UPSCOPE_OK, None));
        client
    }

    #[test]
    fn text_keeps_every_letter_on_its_way_in_and_out() {
        let body = wide(r#"{"id":"Ж中🦊","agent_name":"\u00e9"}"#);
        // SAFETY: the pointers are valid.
        let (status, session) = of(|out| unsafe { upscope_w_parse_webhook(body.as_ptr(), out) });
        assert_eq!(status, UPSCOPE_OK);
        assert!(session.unwrap().contains(r#""id":"Ж中🦊""#));
        let sides = ["", "a", "é", "中", "🦊", "a🦊中é"];
        for side in sides {
            // SAFETY: NUL-terminated.
            let narrow = unsafe { narrow(wide(side).as_ptr(), "side") }.unwrap();
            // SAFETY: as `narrow` says.
            let text = unsafe { CStr::from_ptr(narrow.as_ptr()) };
            assert_eq!(text.to_str(), Ok(side));
            assert_eq!(text_of(widened(text.to_bytes())), side);
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_refused() {
        let client = client();
        for broken in [vec![0x7B, 0xD83E, 0], vec![0x7B, 0xDD8A, 0x7D, 0], vec![0xD83E, 0x41, 0]] {
            let place = broken.iter().position(|unit| *unit >= 0xD800).unwrap();
            // SAFETY: the pointers are valid.
            let (status, error) =
                unsafe { of(|out| upscope_w_call(client, wide("get_usage").as_ptr(), broken.as_ptr(), out)) };
            let error = error.unwrap();
            assert_eq!(status, UPSCOPE_INVALID_ARGUMENT);
            assert!(error.contains(&format!("half a surrogate pair at unit {place}")), "{error}");
            assert!(error.contains(r#""operation":"get_usage""#), "{error}");
        }
        // SAFETY: freed once.
        unsafe { upscope_w_client_free(client) };
    }

    #[test]
    fn null_and_wrong_names_are_refused_and_every_place_is_set() {
        let (client, name) = (client(), wide("get_usage"));
        let null = ptr::null_mut::<u16>().cast_const();
        let (mut pages, mut pending): (*mut upscope_sessions, *mut upscope_pending) =
            (ptr::dangling_mut(), ptr::dangling_mut());
        // SAFETY: the pointers are NULL or valid.
        unsafe {
            for (named, answered) in [
                ("client is NULL", of(|out| upscope_w_call(ptr::null(), name.as_ptr(), null, out))),
                ("operation is NULL", of(|out| upscope_w_call(client, null, null, out))),
                ("get_usage", of(|out| upscope_w_call(client, wide("get_usages").as_ptr(), null, out))),
                ("get_usage", of(|out| upscope_w_call(client, wide("get_usages").as_ptr(), [0xD83E, 0].as_ptr(), out))),
                ("visitor_id", of(|out| upscope_w_call(client, wide("get_visitor").as_ptr(), null, out))),
                ("body is NULL", of(|out| upscope_w_parse_webhook(null, out))),
                ("pages is NULL", of(|out| upscope_w_sessions_next(ptr::null_mut(), out))),
                ("pending is NULL", of(|out| upscope_w_pending_wait(ptr::null_mut(), 0, out))),
                ("is NULL", of(|out| upscope_w_client_new(wide(CONFIG).as_ptr(), ptr::null_mut(), out))),
                ("client is NULL", of(|out| upscope_w_sessions_open(ptr::null(), null, &raw mut pages, out))),
                ("client is NULL", of(|out| upscope_w_start(ptr::null(), name.as_ptr(), null, &raw mut pending, out))),
                ("what must be", of(|out| upscope_w_about(3, out))),
            ] {
                let error = answered.1.unwrap();
                assert!(answered.0 == UPSCOPE_INVALID_ARGUMENT && error.contains(named), "{error}");
            }
            assert!(pages.is_null() && pending.is_null());
            pending = ptr::dangling_mut();
            let status = upscope_w_start(client, name.as_ptr(), null, &raw mut pending, ptr::null_mut());
            assert!(status == UPSCOPE_INVALID_ARGUMENT && pending.is_null());
            assert_eq!(upscope_w_call(client, name.as_ptr(), null, ptr::null_mut()), UPSCOPE_INVALID_ARGUMENT);
            assert_eq!(upscope_w_about(1, ptr::null_mut()), UPSCOPE_INVALID_ARGUMENT);
            assert_eq!(upscope_w_text_length(ptr::null()), 0);
            assert_eq!(upscope_w_text_copy(ptr::null(), ptr::null_mut(), 7), 0);
            upscope_w_text_free(ptr::null_mut());
            upscope_w_pending_cancel(ptr::null_mut());
            upscope_w_pending_free(ptr::null_mut());
            upscope_w_sessions_free(ptr::null_mut());
            upscope_w_client_free(ptr::null_mut());
            upscope_w_client_free(client);
        }
    }

    #[test]
    fn a_copy_stays_within_its_buffer() {
        let text = widened("abc".as_bytes());
        let mut buffer = [9; 3];
        // SAFETY: the buffer has the room that is said; the text is freed once.
        unsafe {
            assert_eq!(upscope_w_text_copy(text, buffer.as_mut_ptr(), 2), 2);
            assert_eq!(buffer, [97, 98, 9]);
            assert_eq!(upscope_w_text_copy(text, buffer.as_mut_ptr(), -1), 0);
            assert_eq!(upscope_w_text_copy(text, ptr::null_mut(), 3), 0);
            upscope_w_text_free(text);
        }
    }

    #[test]
    fn it_tells_of_itself() {
        // SAFETY: the place may be written.
        let about = |what| unsafe { of(|out| upscope_w_about(what, out)) };
        assert_eq!(about(1), (UPSCOPE_OK, Some(env!("CARGO_PKG_VERSION").to_owned())));
        assert_eq!(about(2), (UPSCOPE_OK, Some(operation::operations_json())));
    }

    #[test]
    fn a_started_call_is_asked_for_and_cancelled() {
        // A service that takes the connection and never answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let config = CONFIG.replace(":1\"", &format!(":{}\"", silent.local_addr().unwrap().port()));
        let (mut client, mut pages, mut pending) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        let null = ptr::null();
        // SAFETY: the pointers are valid, and each handle is freed once.
        unsafe {
            assert_eq!(of(|out| upscope_w_client_new(wide(&config).as_ptr(), &raw mut client, out)).0, UPSCOPE_OK);
            assert_eq!(of(|out| upscope_w_sessions_open(client, null, &raw mut pages, out)), (UPSCOPE_OK, None));
            for walks in [false, true] {
                let started = of(|out| match walks {
                    true => upscope_w_sessions_start_next(pages, &raw mut pending, out),
                    false => upscope_w_start(client, wide("get_usage").as_ptr(), null, &raw mut pending, out),
                });
                assert_eq!(started, (UPSCOPE_OK, None));
                assert_eq!(of(|out| upscope_w_pending_wait(pending, 0, out)), (UPSCOPE_PENDING, None));
                upscope_w_pending_cancel(pending);
                let (status, error) = of(|out| upscope_w_pending_wait(pending, 10_000, out));
                assert!(status == UPSCOPE_CANCELLED && error.unwrap().contains("cancelled"));
                upscope_w_pending_free(pending);
            }
            upscope_w_sessions_free(pages);
            upscope_w_client_free(client);
        }
    }

    #[test]
    fn a_panic_in_any_that_hands_out_text_is_caught() {
        let (client, name, null) = (client(), wide("get_usage"), ptr::null());
        let (mut made, mut pages, mut pending) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        let to_pending = &raw mut pending;
        // SAFETY: the pointers are NULL or valid.
        unsafe {
            type Entry<'a> = &'a mut dyn FnMut(*mut *mut upscope_text) -> upscope_status;
            let entries: [Entry; 9] = [
                &mut |out| upscope_w_client_new(wide(CONFIG).as_ptr(), &raw mut made, out),
                &mut |out| upscope_w_call(client, name.as_ptr(), null, out),
                &mut |out| upscope_w_parse_webhook(name.as_ptr(), out),
                &mut |out| upscope_w_sessions_open(client, null, &raw mut pages, out),
                &mut |out| upscope_w_sessions_next(ptr::null_mut(), out),
                &mut |out| upscope_w_sessions_start_next(ptr::null_mut(), to_pending, out),
                &mut |out| upscope_w_start(client, name.as_ptr(), null, to_pending, out),
                &mut |out| upscope_w_pending_wait(ptr::null_mut(), 0, out),
                &mut |out| upscope_w_about(1, out),
            ];
            for entry in entries {
                injected::arm();
                let (status, error) = of(entry);
                assert!(status == UPSCOPE_INTERNAL && !injected::is_armed());
                assert!(error.unwrap().contains(r#""code":"internal""#));
            }
            injected::arm();
            assert_eq!(upscope_w_text_length(ptr::null()), 0);
            injected::arm();
            assert_eq!(upscope_w_text_copy(ptr::null(), ptr::null_mut(), 1), 0);
            injected::arm();
            upscope_w_text_free(ptr::null_mut());
            assert!(!injected::is_armed());
            assert!(made.is_null() && pages.is_null() && pending.is_null());
            upscope_w_client_free(client);
        }
    }
}
