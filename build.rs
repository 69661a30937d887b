//! Makes `upscope.h` from the documented exports of the boundary, and links the shared library as its users need it.
//!
//! A build writes within its output folder alone. `make generate` sets UPSCOPE_WRITE_HEADER to renew the committed
//! header; a test fails while the two differ.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

const SOURCES: &str = "crates/boundary/src";
const HEADER: &str = "include/upscope.h";

/// What a C programmer reads first.
const GUIDE: &str = r#"/*
 * libupscope: client for the Upscope co-browsing REST API.
 *
 * Calls take a JSON object and hand out a JSON object. They block, and end within the client's timeout_ms.
 *
 *     upscope_client *client;
 *     char *json;
 *     if (upscope_client_new("{\"api_key\":\"secret\"}", &client, &json) == UPSCOPE_OK) {
 *         upscope_status status = upscope_get_visitor(client, "{\"visitor_id\":\"1234\"}", &json);
 *     }
 *     puts(json);                     (the visitor, or the error object)
 *     upscope_string_free(json);
 *     upscope_client_free(client);
 *
 * Text is NUL-terminated UTF-8, in and out. What is passed in is copied and stays yours.
 *
 * request_json: a JSON object, or NULL for {}. Unknown keys are refused. A key that is null counts as left out, and
 * what is left out is not sent. Every request may hold "options": {"timeout_ms", "max_retries", "extra_query",
 * "extra_body"}, for that call alone.
 *
 * response_json: always set. On UPSCOPE_OK the service's JSON, byte for byte unless "ascii_json" is set; on failure
 * an error object. Free it with upscope_string_free. The error object:
 *
 *     {"error": {"code": "not_found", "status": 4, "message": "...", "operation": "get_visitor", "http_status": 404,
 *                "api_error": "not_found", "api_message": null, "request_id": null, "attempts": 1,
 *                "retryable": false, "retry_after_ms": null, "may_have_applied": false}}
 *
 * message is a sentence for a log or a person. retryable: the same call may succeed later, and repeating it does no
 * harm. may_have_applied: something may have been changed although the call failed. api_error and api_message
 * are the service's own "error" and "message"; request_id is the answer's X-Request-Id, for the service's support.
 * These, http_status, operation and retry_after_ms may be null.
 *
 * NULL where a pointer is needed gives UPSCOPE_INVALID_ARGUMENT. Functions that free take NULL.
 *
 * Threads: a client may be used by any number of threads at once; make one and keep it. Free it when no call of it
 * runs. Strings may be freed by any thread. After fork() the child may go on using its parent's client. The library
 * starts no thread but for a look-up of a host name that is not known yet, on Windows for the system's
 * verdict on a certificate, and for what upscope_start, upscope_sessions_start_next and upscope_sessions_prefetch are
 * asked to do. Do not unload the library.
 *
 * Linking: with pkg-config --cflags --libs upscope, or find_package(upscope) in CMake (upscope::upscope,
 * upscope::upscope_static). By hand:
 *     Linux    shared: -lupscope         static: libupscope.a -lutil -lrt -lpthread -lm -ldl
 *     macOS    shared: -lupscope         static: libupscope.a -framework Security -framework CoreFoundation -liconv
 *     Windows  shared: upscope.lib or libupscope.dll.a
 *              static: libupscope.a -lws2_32 -lcrypt32 -lbcrypt -lntdll -luserenv -ladvapi32
 *
 * Programs that let the processor raise floating-point exceptions mask them around calls.
 */
"#;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={SOURCES}");
    println!("cargo:rerun-if-env-changed=UPSCOPE_WRITE_HEADER");
    link();

    let header = PathBuf::from(env::var("OUT_DIR")?).join("upscope.h");
    let mut text = Vec::new();
    generate()?.write(&mut text);
    let text = without_line_comments(&String::from_utf8(text)?);
    fs::write(&header, &text)?;
    if env::var_os("UPSCOPE_WRITE_HEADER").is_some() {
        let committed = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(HEADER);
        // Left alone while it is the same, for whoever builds by time stamps.
        if fs::read(&committed).ok().as_deref() != Some(text.as_bytes()) {
            fs::write(committed, &text)?;
        }
    }
    Ok(())
}

fn generate() -> Result<cbindgen::Bindings, Box<dyn Error>> {
    let version = env::var("CARGO_PKG_VERSION")?;
    let config = cbindgen::Config {
        language: cbindgen::Language::C,
        header: Some(GUIDE.trim_end().to_owned()),
        include_guard: Some("UPSCOPE_H".to_owned()),
        autogen_warning: Some("/* Generated from crates/boundary by build.rs: `make generate`. */".to_owned()),
        no_includes: true,
        sys_includes: vec!["stdint.h".to_owned()],
        after_includes: Some(format!(
            "\n/** The version this header belongs to. */\n#define UPSCOPE_VERSION \"{version}\""
        )),
        cpp_compat: true,
        documentation: true,
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        style: cbindgen::Style::Type,
        line_length: 110,
        ..cbindgen::Config::default()
    };
    let mut builder = cbindgen::Builder::new().with_config(config);
    // The order of the header: what is made first, first.
    for file in [
        "status",
        "client",
        "operations",
        "call",
        "session_pages",
        "started_calls",
        "webhook",
        "strings",
        "log",
        "version",
    ] {
        builder = builder.with_src(format!("{SOURCES}/{file}.rs"));
    }
    Ok(builder.generate()?)
}

/// cbindgen closes a condition with `#endif // NAME`, which is no comment in C90.
fn without_line_comments(header: &str) -> String {
    let lines = header.lines().map(|line| match line.split_once("//") {
        Some((code, name)) if code.trim_end() == "#endif" => format!("#endif /*{name} */\n"),
        _ => format!("{line}\n"),
    });
    lines.collect()
}

fn link() {
    let system = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if system == "linux" {
        // Threads and thread-locals of the library would outlive its code. What is installed is linked once more, with
        // a SONAME, by scripts/package-libraries.sh: only there are the links for it beside the library.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    if system == "macos" {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libupscope.dylib");
    }
}
