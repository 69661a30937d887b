//! The exports, called from Rust on every system.

use std::ffi::CStr;
use std::ptr;

use upscope_core::operation;

use super::exports::*;
use super::text::*;
use crate::client::upscope_client;
use crate::ffi_guard::panic_injection;
use crate::session_pages::upscope_sessions;
use crate::started_calls::upscope_pending;
use crate::status::{
    UPSCOPE_ABSENT, UPSCOPE_CANCELLED, UPSCOPE_INTERNAL, UPSCOPE_INVALID_ARGUMENT, UPSCOPE_OK, UPSCOPE_PENDING,
    upscope_status,
};

/// Nothing listens on port 1.
const CONFIG: &str = r#"{"api_key":"k","base_url":"http://127.0.0.1:1","proxy":"","max_retries":0}"#;

fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Copies and frees a returned text.
fn into_string(text: *mut upscope_text) -> String {
    // SAFETY: an export returned the text, it is freed once, and the buffer has the given length.
    unsafe {
        let length = upscope_w_text_length(text);
        let mut units = vec![0xFFFF; length as usize + 1];
        assert_eq!(upscope_w_text_copy(text, units.as_mut_ptr(), length + 1), length);
        assert_eq!(units.pop(), Some(0xFFFF), "written past the end");
        upscope_w_text_free(text);
        String::from_utf16(&units).unwrap()
    }
}

/// What an export returns. Its out-pointer is not null before, to show that the export sets it.
fn run(export: impl FnOnce(*mut *mut upscope_text) -> upscope_status) -> (upscope_status, Option<String>) {
    let mut text = ptr::dangling_mut();
    let status = export(&raw mut text);
    (status, (!text.is_null()).then(|| into_string(text)))
}

fn client() -> *mut upscope_client {
    let mut client = ptr::null_mut();
    // SAFETY: the pointers are valid.
    let made = run(|out| unsafe { upscope_w_client_new(utf16(CONFIG).as_ptr(), &raw mut client, out) });
    assert_eq!(made, (UPSCOPE_OK, None));
    client
}

#[test]
fn text_survives_the_conversion_to_utf8_and_back() {
    let body = utf16(r#"{"id":"Ж中🦊","agent_name":"\u00e9"}"#);
    // SAFETY: the pointers are valid.
    let (status, session) = run(|out| unsafe { upscope_w_parse_webhook(body.as_ptr(), out) });
    assert_eq!(status, UPSCOPE_OK);
    assert!(session.unwrap().contains(r#""id":"Ж中🦊""#));
    for original in ["", "a", "é", "中", "🦊", "a🦊中é"] {
        // SAFETY: NUL-terminated.
        let argument = unsafe { utf8_arg(utf16(original).as_ptr(), "original") }.unwrap();
        // SAFETY: the argument is not NULL and ends with a NUL.
        let text = unsafe { CStr::from_ptr(argument.as_ptr()) };
        assert_eq!(text.to_str(), Ok(original));
        assert_eq!(into_string(to_text(text.to_bytes())), original);
    }
}

#[test]
fn an_unpaired_surrogate_is_refused() {
    let client = client();
    for broken in [vec![0x7B, 0xD83E, 0], vec![0x7B, 0xDD8A, 0x7D, 0], vec![0xD83E, 0x41, 0]] {
        let position = broken.iter().position(|unit| *unit >= 0xD800).unwrap();
        // SAFETY: the pointers are valid.
        let (status, error) =
            unsafe { run(|out| upscope_w_call(client, utf16("get_usage").as_ptr(), broken.as_ptr(), out)) };
        let error = error.unwrap();
        assert_eq!(status, UPSCOPE_INVALID_ARGUMENT);
        assert!(error.contains(&format!("unpaired surrogate at code unit {position}")), "{error}");
        assert!(error.contains(r#""operation":"get_usage""#), "{error}");
    }
    // SAFETY: freed once.
    unsafe { upscope_w_client_free(client) };
}

#[test]
fn null_and_unknown_names_are_refused_and_every_out_pointer_is_set() {
    let (client, name) = (client(), utf16("get_usage"));
    let null = ptr::null_mut::<u16>().cast_const();
    let (mut pages, mut pending): (*mut upscope_sessions, *mut upscope_pending) =
        (ptr::dangling_mut(), ptr::dangling_mut());
    // SAFETY: the pointers are NULL or valid.
    unsafe {
        for (part, returned) in [
            ("client must not be NULL", run(|out| upscope_w_call(ptr::null(), name.as_ptr(), null, out))),
            ("operation must not be NULL", run(|out| upscope_w_call(client, null, null, out))),
            ("get_usage", run(|out| upscope_w_call(client, utf16("get_usages").as_ptr(), null, out))),
            ("get_usage", run(|out| upscope_w_call(client, utf16("get_usages").as_ptr(), [0xD83E, 0].as_ptr(), out))),
            ("visitor_id", run(|out| upscope_w_call(client, utf16("get_visitor").as_ptr(), null, out))),
            ("json must not be NULL", run(|out| upscope_w_json_get(null, name.as_ptr(), out))),
            ("pointer must not be NULL", run(|out| upscope_w_json_get(name.as_ptr(), null, out))),
            ("operation must not be NULL", run(|out| upscope_w_json_build(null, [null].as_ptr(), out))),
            ("fields must not be NULL", run(|out| upscope_w_json_build(name.as_ptr(), ptr::null(), out))),
            ("client must not be NULL", run(|out| upscope_w_connection_info(ptr::null(), out))),
            ("body must not be NULL", run(|out| upscope_w_parse_webhook(null, out))),
            ("pages must not be NULL", run(|out| upscope_w_sessions_next(ptr::null_mut(), out))),
            ("pending must not be NULL", run(|out| upscope_w_pending_wait(ptr::null_mut(), 0, out))),
            ("client must not be NULL", run(|out| upscope_w_client_new(utf16(CONFIG).as_ptr(), ptr::null_mut(), out))),
            ("client must not be NULL", run(|out| upscope_w_sessions_open(ptr::null(), null, &raw mut pages, out))),
            (
                "client must not be NULL",
                run(|out| upscope_w_start(ptr::null(), name.as_ptr(), null, &raw mut pending, out)),
            ),
            ("what must be", run(|out| upscope_w_about(3, out))),
        ] {
            let error = returned.1.unwrap();
            assert!(returned.0 == UPSCOPE_INVALID_ARGUMENT && error.contains(part), "{error}");
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
        upscope_w_client_close(ptr::null());
        upscope_w_client_free(ptr::null_mut());
        upscope_w_client_free(client);
    }
}

#[test]
fn a_client_says_how_it_connects_and_can_be_closed() {
    let client = client();
    // SAFETY: the pointers are valid.
    unsafe {
        let (status, info) = run(|out| upscope_w_connection_info(client, out));
        let info = info.unwrap();
        assert!(
            status == UPSCOPE_OK && info.starts_with(r#"{"base_url":"http://127.0.0.1:1","proxy":null,"#),
            "{info}"
        );
        upscope_w_client_close(client);
        let (status, error) = run(|out| upscope_w_call(client, utf16("get_usage").as_ptr(), ptr::null(), out));
        assert!(status == UPSCOPE_CANCELLED && error.unwrap().contains("the client is closed"));
        upscope_w_client_free(client);
    }
}

#[test]
fn json_is_read_and_built() {
    let page = utf16(r#"{"visitors": [{"name": "Ж中🦊\u00e9\ud83e", "note": null}]}"#);
    // SAFETY: the pointers are valid.
    let get = |pointer| unsafe { run(|out| upscope_w_json_get(page.as_ptr(), utf16(pointer).as_ptr(), out)) };
    assert_eq!(get("/visitors/0/name"), (UPSCOPE_OK, Some("Ж中🦊é\u{fffd}".to_owned())));
    assert_eq!(get("/visitors/0/note"), (UPSCOPE_ABSENT, None));
    assert_eq!(get("visitors").0, UPSCOPE_INVALID_ARGUMENT);

    let build = |fields: &[Option<Vec<u16>>]| {
        let fields: Vec<_> = fields.iter().map(|field| field.as_ref().map_or(ptr::null(), Vec::as_ptr)).collect();
        // SAFETY: the pointers are valid, and the array ends with a null.
        unsafe { run(|out| upscope_w_json_build(utf16("list_visitors").as_ptr(), fields.as_ptr(), out)) }
    };
    let fields = ["search", "\"Ж🦊", "max_results", "1"].map(|text| Some(utf16(text)));
    let request = r#"{"max_results":1,"search":"\"Ж🦊"}"#.to_owned();
    assert_eq!(build(&[&fields[..], &[None]].concat()), (UPSCOPE_OK, Some(request)));
    assert_eq!(build(&[None]), (UPSCOPE_OK, Some("{}".to_owned())));
    for (fields, part) in [
        ([&fields[..1], &[None]].concat(), "fields[1] must not be NULL"),
        ([&fields[..1], &[Some(vec![0xD83E, 0]), None]].concat(), "fields[1] is not UTF-16"),
    ] {
        let (status, error) = build(&fields);
        let error = error.unwrap();
        assert!(status == UPSCOPE_INVALID_ARGUMENT && error.contains(part), "{error}");
        assert!(error.contains(r#""operation":"list_visitors""#), "{error}");
    }
}

#[test]
fn a_copy_does_not_overflow_its_buffer() {
    let text = to_text("abc".as_bytes());
    let mut buffer = [9; 3];
    // SAFETY: the buffer has at least the given length; the text is freed once.
    unsafe {
        assert_eq!(upscope_w_text_copy(text, buffer.as_mut_ptr(), 2), 2);
        assert_eq!(buffer, [97, 98, 9]);
        assert_eq!(upscope_w_text_copy(text, buffer.as_mut_ptr(), -1), 0);
        assert_eq!(upscope_w_text_copy(text, ptr::null_mut(), 3), 0);
        upscope_w_text_free(text);
    }
}

#[test]
fn about_returns_the_version_and_the_operations() {
    // SAFETY: the out-pointer is valid for writes.
    let about = |what| unsafe { run(|out| upscope_w_about(what, out)) };
    assert_eq!(about(1), (UPSCOPE_OK, Some(env!("CARGO_PKG_VERSION").to_owned())));
    assert_eq!(about(2), (UPSCOPE_OK, Some(operation::operations_json())));
}

#[test]
fn a_started_call_can_be_polled_and_cancelled() {
    // A server that accepts connections and never responds.
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = CONFIG.replace(":1\"", &format!(":{}\"", server.local_addr().unwrap().port()));
    let (mut client, mut pages, mut pending) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    let null = ptr::null();
    // SAFETY: the pointers are valid, and each handle is freed once.
    unsafe {
        assert_eq!(run(|out| upscope_w_client_new(utf16(&config).as_ptr(), &raw mut client, out)).0, UPSCOPE_OK);
        assert_eq!(run(|out| upscope_w_sessions_open(client, null, &raw mut pages, out)), (UPSCOPE_OK, None));
        for next_page in [false, true] {
            let started = run(|out| match next_page {
                true => upscope_w_sessions_start_next(pages, &raw mut pending, out),
                false => upscope_w_start(client, utf16("get_usage").as_ptr(), null, &raw mut pending, out),
            });
            assert_eq!(started, (UPSCOPE_OK, None));
            assert_eq!(run(|out| upscope_w_pending_wait(pending, 0, out)), (UPSCOPE_PENDING, None));
            upscope_w_pending_cancel(pending);
            let (status, error) = run(|out| upscope_w_pending_wait(pending, 10_000, out));
            assert!(status == UPSCOPE_CANCELLED && error.unwrap().contains("cancelled"));
            upscope_w_pending_free(pending);
        }
        upscope_w_sessions_free(pages);
        upscope_w_client_free(client);
    }
}

#[test]
fn a_panic_in_any_export_that_returns_text_is_caught() {
    let (client, name, null) = (client(), utf16("get_usage"), ptr::null());
    let (mut made, mut pages, mut pending) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    let to_pending = &raw mut pending;
    // SAFETY: the pointers are NULL or valid.
    unsafe {
        type Export<'a> = &'a mut dyn FnMut(*mut *mut upscope_text) -> upscope_status;
        let exports: [Export; 12] = [
            &mut |out| upscope_w_client_new(utf16(CONFIG).as_ptr(), &raw mut made, out),
            &mut |out| upscope_w_call(client, name.as_ptr(), null, out),
            &mut |out| upscope_w_json_get(name.as_ptr(), name.as_ptr(), out),
            &mut |out| upscope_w_json_build(name.as_ptr(), [null].as_ptr(), out),
            &mut |out| upscope_w_parse_webhook(name.as_ptr(), out),
            &mut |out| upscope_w_sessions_open(client, null, &raw mut pages, out),
            &mut |out| upscope_w_sessions_next(ptr::null_mut(), out),
            &mut |out| upscope_w_sessions_start_next(ptr::null_mut(), to_pending, out),
            &mut |out| upscope_w_start(client, name.as_ptr(), null, to_pending, out),
            &mut |out| upscope_w_pending_wait(ptr::null_mut(), 0, out),
            &mut |out| upscope_w_about(1, out),
            &mut |out| upscope_w_connection_info(client, out),
        ];
        for export in exports {
            panic_injection::request_panic();
            let (status, error) = run(export);
            assert!(status == UPSCOPE_INTERNAL && !panic_injection::is_requested());
            assert!(error.unwrap().contains(r#""code":"internal""#));
        }
        panic_injection::request_panic();
        assert_eq!(upscope_w_text_length(ptr::null()), 0);
        panic_injection::request_panic();
        assert_eq!(upscope_w_text_copy(ptr::null(), ptr::null_mut(), 1), 0);
        panic_injection::request_panic();
        upscope_w_text_free(ptr::null_mut());
        assert!(!panic_injection::is_requested());
        assert!(made.is_null() && pages.is_null() && pending.is_null());
        upscope_w_client_free(client);
    }
}
