//! A panic in any export becomes a status. An export that returns no status returns normally.

use std::ffi::{CStr, CString, c_char};
use std::ptr::{self, null, null_mut};

use crate::every_operation::OPERATIONS;
use crate::ffi_guard::panic_injection;
use crate::*;

/// An export, and a call of it in which a panic has been requested.
type Export = (&'static str, fn(&Handles));

/// Valid arguments, so that only the requested panic can make an export fail.
struct Handles {
    client: *mut upscope_client,
    pages: *mut upscope_sessions,
    pending: *mut upscope_pending,
}

/// All exports except the functions of the operations, which are alike.
const EXPORTS: &[Export] = &[
    ("upscope_client_new", |_| {
        let mut client = null_mut();
        returns_internal_error(|out| unsafe {
            upscope_client_new(c"{\"api_key\":\"k\"}".as_ptr(), &raw mut client, out)
        });
        assert!(client.is_null());
    }),
    ("upscope_call", |h| {
        returns_internal_error(|out| unsafe { upscope_call(h.client, c"get_usage".as_ptr(), null(), out) })
    }),
    ("upscope_connection_info", |h| returns_internal_error(|out| unsafe { upscope_connection_info(h.client, out) })),
    ("upscope_client_close", |h| unsafe { upscope_client_close(h.client) }),
    ("upscope_parse_webhook_n", |_| {
        returns_internal_error(|out| unsafe { upscope_parse_webhook_n(c"{}".as_ptr(), 2, out) })
    }),
    ("upscope_json_get", |_| {
        returns_internal_error(|out| unsafe { upscope_json_get(c"{}".as_ptr(), c"".as_ptr(), out) })
    }),
    ("upscope_json_build", |_| {
        let fields = [null::<c_char>()];
        returns_internal_error(|out| unsafe { upscope_json_build(c"get_usage".as_ptr(), fields.as_ptr(), out) })
    }),
    ("upscope_parse_webhook", |_| returns_internal_error(|out| unsafe { upscope_parse_webhook(c"{}".as_ptr(), out) })),
    ("upscope_sessions_open", |h| {
        let mut pages = null_mut();
        returns_internal_error(|out| unsafe { upscope_sessions_open(h.client, null(), &raw mut pages, out) });
        assert!(pages.is_null());
    }),
    ("upscope_sessions_next", |h| returns_internal_error(|out| unsafe { upscope_sessions_next(h.pages, out) })),
    ("upscope_sessions_start_next", |h| {
        let mut pending = null_mut();
        returns_internal_error(|out| unsafe {
            upscope_sessions_start_next(h.pages, None, null_mut(), &raw mut pending, out)
        });
        assert!(pending.is_null());
    }),
    ("upscope_sessions_prefetch", |h| unsafe { upscope_sessions_prefetch(h.pages, 1) }),
    ("upscope_start", |h| {
        let (mut pending, name) = (null_mut(), c"get_usage".as_ptr());
        returns_internal_error(|out| unsafe {
            upscope_start(h.client, name, null(), None, null_mut(), &raw mut pending, out)
        });
        assert!(pending.is_null());
    }),
    ("upscope_pending_wait", |h| returns_internal_error(|out| unsafe { upscope_pending_wait(h.pending, 0, out) })),
    ("upscope_pending_cancel", |h| unsafe { upscope_pending_cancel(h.pending) }),
    ("upscope_set_logger", |_| upscope_set_logger(None, null_mut(), 0)),
    ("upscope_client_set_logger", |h| unsafe { upscope_client_set_logger(h.client, None, null_mut(), 0) }),
    ("upscope_operations", |_| returns_text(upscope_operations(), "[]")),
    ("upscope_status_name", |_| returns_text(upscope_status_name(UPSCOPE_OK), "unknown")),
    // With NULL: the panic happens before anything is freed, which would leak a real handle.
    ("upscope_string_free", |_| unsafe { upscope_string_free(null_mut()) }),
    ("upscope_client_free", |_| unsafe { upscope_client_free(null_mut()) }),
    ("upscope_sessions_free", |_| unsafe { upscope_sessions_free(null_mut()) }),
    ("upscope_pending_free", |_| unsafe { upscope_pending_free(null_mut()) }),
];

/// These return constants and do nothing else.
const CANNOT_PANIC: [&str; 2] = ["upscope_version", "upscope_version_number"];

fn returns_internal_error(export: impl FnOnce(*mut *mut c_char) -> upscope_status) {
    let mut text = ptr::dangling_mut();
    assert_eq!(export(&raw mut text), UPSCOPE_INTERNAL);
    // SAFETY: the export has set it to a string, which is freed once.
    let text = unsafe { CString::from_raw(text) }.into_string().unwrap();
    assert!(text.contains(r#""code":"internal""#) && !text.contains("sk_live_injected"), "{text}");
}

fn returns_text(text: *const c_char, expected: &str) {
    // SAFETY: a static string of the library.
    assert_eq!(unsafe { CStr::from_ptr(text) }.to_str(), Ok(expected));
}

#[test]
fn a_panic_in_every_export_is_caught() {
    // Nothing listens on port 1, and nothing is sent: the panic comes first.
    let config = c"{\"api_key\":\"k\",\"base_url\":\"http://127.0.0.1:1\",\"proxy\":\"\",\"max_retries\":0}";
    let (mut handles, mut error) = (Handles { client: null_mut(), pages: null_mut(), pending: null_mut() }, null_mut());
    // SAFETY: the pointers are valid, and each handle is freed once.
    unsafe {
        assert_eq!(upscope_client_new(config.as_ptr(), &raw mut handles.client, &raw mut error), UPSCOPE_OK);
        let client = handles.client;
        assert_eq!(upscope_sessions_open(client, null(), &raw mut handles.pages, &raw mut error), UPSCOPE_OK);
        let pending = &raw mut handles.pending;
        let name = c"get_usage".as_ptr();
        assert_eq!(upscope_start(client, name, null(), None, null_mut(), pending, &raw mut error), UPSCOPE_OK);
        for (name, export) in EXPORTS {
            panic_injection::request_panic();
            export(&handles);
            assert!(!panic_injection::is_requested(), "{name} has no panic guard");
        }
        for (name, operation) in OPERATIONS {
            panic_injection::request_panic();
            returns_internal_error(|out| operation(client, null(), out));
            assert!(!panic_injection::is_requested(), "{name} has no panic guard");
        }
        upscope_pending_free(handles.pending);
        upscope_sessions_free(handles.pages);
        upscope_client_free(handles.client);
    }
}

#[test]
fn every_declared_function_is_tested() {
    let header = include_str!("../../../include/upscope.h");
    let declared = |name: &str| header.contains(&format!("{name}("));
    let operations = OPERATIONS.iter().map(|(name, _)| *name);
    let mut names: Vec<&str> = EXPORTS.iter().map(|(name, _)| *name).chain(operations).chain(CANNOT_PANIC).collect();
    assert!(names.iter().all(|name| declared(name)));
    // Only declarations start in the first column.
    let mut found: Vec<&str> = header
        .lines()
        .filter(|line| !line.starts_with([' ', '/', '*', '#']))
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("upscope_") && !name.ends_with("_fn"))
        .collect();
    names.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, names);
}
