//! Generates `upscope.h` from the documented exports of the boundary, and sets linker options for the shared library.
//!
//! A build writes only to its output folder. `make generate` sets UPSCOPE_WRITE_HEADER to update the committed header;
//! a test fails if the two differ.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

const SOURCES: &str = "crates/boundary/src";
const HEADER: &str = "include/upscope.h";

/// The source files, in the order in which their exports appear in the header.
const HEADER_ORDER: [&str; 11] = [
    "status",
    "client",
    "operations",
    "call",
    "session_pages",
    "started_calls",
    "json",
    "webhook",
    "strings",
    "log",
    "version",
];

/// The introduction at the top of the header.
const GUIDE: &str = r#"/*
 * libupscope: client library for the Upscope co-browsing REST API.
 *
 *     upscope_client *client;
 *     char *json, *name;
 *     if (upscope_client_new("{\"api_key\":\"secret\"}", &client, &json) == UPSCOPE_OK) {
 *         upscope_status status = upscope_get_visitor(client, "{\"visitor_id\":\"1234\"}", &json);
 *     }
 *     puts(json);                     (the visitor, or the error object)
 *     if (upscope_json_get(json, "/visitor/name", &name) == UPSCOPE_OK) puts(name);
 *     upscope_string_free(name);
 *     upscope_string_free(json);
 *     upscope_client_free(client);
 *
 * Calls
 *
 * Each operation of the API is a function that takes a JSON object and returns JSON. It blocks until the call ends, at
 * the latest when the client's timeout_ms has passed. All operations have the same parameters:
 *
 *     client         A client from upscope_client_new.
 *     request_json   A JSON object, or NULL for {}. Unknown keys are an error. A key whose value is null counts as
 *                    absent, and absent keys are not sent. Every request accepts "options": {"timeout_ms",
 *                    "max_retries", "extra_query", "extra_body"}, which apply to this call only.
 *     response_json  Always set: on UPSCOPE_OK to the service's JSON, byte for byte unless "ascii_json" is set; on
 *                    failure to an error object. Free it with upscope_string_free.
 *
 * They return UPSCOPE_OK or one of the error statuses from UPSCOPE_INVALID_ARGUMENT to UPSCOPE_INTERNAL.
 *
 * Error objects
 *
 *     {"error": {"code": "not_found", "status": 4, "message": "...", "operation": "get_visitor", "http_status": 404,
 *                "api_error": "not_found", "api_message": null, "request_id": null, "attempts": 1,
 *                "retryable": false, "retry_after_ms": null, "may_have_applied": false}}
 *
 *     message                 One sentence for a log or a user.
 *     api_error, api_message  The service's own "error" and "message".
 *     request_id              The response's X-Request-Id, for the support of the service.
 *     attempts                The number of requests that were attempted.
 *     retryable               Whether the same call may succeed later and is safe to repeat.
 *     retry_after_ms          How long the service asks to wait.
 *     may_have_applied        Whether the call may have changed something although it failed.
 *
 * operation, http_status, api_error, api_message, request_id and retry_after_ms may be null.
 *
 * JSON
 *
 * Do not insert values into a request with snprintf or by joining strings: a value with a quotation mark in it could
 * add keys, such as permissions of the agent. Build the request with upscope_json_build, or with a JSON library:
 *
 *     const char *fields[] = {"visitor_id", id, "agent.id", agent, "permissions.allow_console", "false", NULL};
 *     status = upscope_json_build("create_watch_url", fields, &request);
 *
 * upscope_json_get reads one value from a response or an error object:
 *
 *     status = upscope_json_get(json, "/error/message", &message);
 *
 * Strings and pointers
 *
 * Strings are NUL-terminated UTF-8. The library copies the strings that you pass in; they remain yours. Parameters must
 * not be NULL unless their documentation allows it: NULL gives UPSCOPE_INVALID_ARGUMENT. Functions that free, cancel
 * or close something accept NULL and do nothing.
 *
 * Threads
 *
 * Any number of threads may use one client at the same time. Create one client and keep it; free it when no call is
 * running on it. upscope_client_close ends running calls within 0.2 seconds. Any thread may free a string. After
 * fork(), the child process may continue to use the client of its parent. The library starts threads only to look up
 * host names, to verify certificates on Windows, and for upscope_start, upscope_sessions_start_next and
 * upscope_sessions_prefetch. Do not unload the library.
 *
 * Signals and callbacks
 *
 * A connection that the server has closed raises no SIGPIPE. The library installs no signal handlers and changes no
 * signal mask. A signal that arrives during a call does not end the call. Threads of the library inherit the signal
 * mask of the thread that starts them; to keep your handlers off them, block the signals in that thread meanwhile. Do
 * not call the library from a signal handler.
 *
 * The done and log functions must not throw C++ exceptions: an exception that leaves them aborts the process. They
 * must not leave with longjmp() either, which is undefined behavior. The same applies to freeing a client while a
 * blocking call is running on it, and to using any handle or string after it was freed.
 *
 * Versions
 *
 * Every later version of the library with the same soname runs programs that were built with this header. If the
 * library may be older than the header, call UPSCOPE_CHECK_VERSION() first. docs/abi.md has the rules.
 *
 * Linking
 *
 * Use pkg-config --cflags --libs upscope, or find_package(upscope) in CMake (upscope::upscope,
 * upscope::upscope_static). Without them:
 *
 *     Linux    shared: -lupscope         static: libupscope.a -lutil -lrt -lpthread -lm -ldl
 *     macOS    shared: -lupscope         static: libupscope.a -framework Security -framework CoreFoundation -liconv
 *     Windows  shared: upscope.lib or libupscope.dll.a
 *              static: libupscope.a -lws2_32 -lcrypt32 -lbcrypt -lntdll -luserenv -ladvapi32
 *
 * If your program enables floating-point exceptions, disable them during calls.
 */
"#;

/// The macros of the header. `@...@` are the parts of the version.
///
/// `int32_t` and `uint32_t` are defined for Visual C++ before 2010, which has no `stdint.h`; repeating a type definition is
/// allowed there. `UPSCOPE_CHECK_VERSION` must not use `upscope_version_number`, which version 0.1 of the library lacks.
const MACROS: &str = r#"#if defined(_MSC_VER) && _MSC_VER < 1600
typedef int int32_t;
typedef unsigned int uint32_t;
#else
#include <stdint.h>
#endif
#include <stdlib.h>
#include <string.h>

/** The version of this header. */
#define UPSCOPE_VERSION "@VERSION@"
#define UPSCOPE_VERSION_MAJOR @MAJOR@
#define UPSCOPE_VERSION_MINOR @MINOR@
#define UPSCOPE_VERSION_PATCH @PATCH@

/** The version of this header as a number, also for preprocessor conditions: (major << 16) | (minor << 8) | patch. */
#define UPSCOPE_VERSION_NUMBER \
    ((UPSCOPE_VERSION_MAJOR << 16) | (UPSCOPE_VERSION_MINOR << 8) | UPSCOPE_VERSION_PATCH)

/**
 * Whether the library that is loaded is not older than this header. If it is older, functions of this header may be
 * missing. Works with every version of the library.
 */
#define UPSCOPE_CHECK_VERSION() \
    (((atoi(upscope_version()) << 16) | (atoi(strchr(upscope_version(), '.') + 1) << 8) | \
      atoi(strchr(strchr(upscope_version(), '.') + 1, '.') + 1)) >= UPSCOPE_VERSION_NUMBER)

/**
 * Marks functions whose result must be used, because it says whether an out-pointer holds a handle. Define
 * UPSCOPE_NO_WARN_UNUSED_RESULT before including this header to turn the warning off.
 */
#if defined(UPSCOPE_NO_WARN_UNUSED_RESULT)
#define UPSCOPE_WARN_UNUSED_RESULT
#elif defined(__clang__) || (defined(__GNUC__) && (__GNUC__ > 3 || (__GNUC__ == 3 && __GNUC_MINOR__ >= 4)))
#define UPSCOPE_WARN_UNUSED_RESULT __attribute__((__warn_unused_result__))
#elif defined(_MSVC_LANG) && _MSVC_LANG >= 201703L
#define UPSCOPE_WARN_UNUSED_RESULT [[nodiscard]]
#else
#define UPSCOPE_WARN_UNUSED_RESULT
#endif

/**
 * Marks functions that a later version will remove; message names the replacement. Define UPSCOPE_NO_DEPRECATED before
 * including this header to turn the warning off.
 */
#if defined(UPSCOPE_NO_DEPRECATED)
#define UPSCOPE_DEPRECATED(message)
#elif defined(__clang__) || (defined(__GNUC__) && (__GNUC__ > 4 || (__GNUC__ == 4 && __GNUC_MINOR__ >= 5)))
#define UPSCOPE_DEPRECATED(message) __attribute__((__deprecated__(message)))
#elif defined(__GNUC__)
#define UPSCOPE_DEPRECATED(message) __attribute__((__deprecated__))
#elif defined(_MSC_VER) && _MSC_VER >= 1400
#define UPSCOPE_DEPRECATED(message) __declspec(deprecated(message))
#else
#define UPSCOPE_DEPRECATED(message)
#endif"#;

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
        // An unchanged header keeps its modification time, so that make does not rebuild its users.
        if fs::read(&committed).ok().as_deref() != Some(text.as_bytes()) {
            fs::write(committed, &text)?;
        }
    }
    Ok(())
}

fn generate() -> Result<cbindgen::Bindings, Box<dyn Error>> {
    let config = cbindgen::Config {
        language: cbindgen::Language::C,
        header: Some(GUIDE.trim_end().to_owned()),
        include_guard: Some("UPSCOPE_H".to_owned()),
        autogen_warning: Some("/* Generated from crates/boundary by build.rs: `make generate`. */".to_owned()),
        no_includes: true,
        // stdlib.h defines it.
        usize_is_size_t: true,
        after_includes: Some(macros()?),
        cpp_compat: true,
        documentation: true,
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        style: cbindgen::Style::Type,
        line_length: 110,
        function: cbindgen::FunctionConfig {
            must_use: Some("UPSCOPE_WARN_UNUSED_RESULT".to_owned()),
            deprecated_with_note: Some("UPSCOPE_DEPRECATED({})".to_owned()),
            ..cbindgen::FunctionConfig::default()
        },
        ..cbindgen::Config::default()
    };
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in HEADER_ORDER {
        builder = builder.with_src(format!("{SOURCES}/{file}.rs"));
    }
    Ok(builder.generate()?)
}

/// The macros of the header, with the version in Cargo.toml.
fn macros() -> Result<String, env::VarError> {
    let mut text = MACROS.to_owned();
    for part in ["VERSION", "MAJOR", "MINOR", "PATCH"] {
        let variable =
            if part == "VERSION" { "CARGO_PKG_VERSION".to_owned() } else { format!("CARGO_PKG_VERSION_{part}") };
        text = text.replace(&format!("@{part}@"), &env::var(variable)?);
    }
    Ok(text)
}

/// Replaces the `// NAME` that cbindgen writes after `#endif`: C90 has no line comments.
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
        // The library's threads and thread-locals would outlive its code if it were unloaded. The SONAME is set by
        // scripts/package-libraries.sh, which links the installed library again and creates the links that it needs.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    if system == "macos" {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libupscope.dylib");
    }
}
