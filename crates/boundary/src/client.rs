//! The client handle.

use std::ffi::c_char;

use upscope_core::{Client, Config};

use crate::status::upscope_status;
use crate::wall::{guarded, json_in, making};

/// A client: its settings and its connections. Any number of threads may use one at once.
pub struct upscope_client {
    pub(crate) client: Client,
}

/// Makes a client. Nothing is sent and no thread is started.
///
/// config_json: a JSON object, or NULL for the defaults. Its keys, all optional:
///   api_key             the secret REST API key; default: environment variable UPSCOPE_API_KEY
///   base_url            where the service is, a path prefix included; default: environment variable
///                       UPSCOPE_BASE_URL, else https://api.upscope.io/v1.3
///   allow_http          true allows plain http to other hosts than this computer; default false
///   timeout_ms          the whole call: DNS, connection, every attempt, waits between them; default 30000
///   connect_timeout_ms  one connection; default 10000
///   max_retries         how often a failed attempt may be repeated; default 2
///   proxy               the proxy's URL (http, https, socks5, socks5h), or "" for none; default: environment
///                       variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; on Windows, else the
///                       system's settings
///   ca_file             a PEM file of root certificates, added to the operating system's
///   user_agent          your program's name and version, put in front of this library's
///   max_response_bytes  the largest answer accepted, after decompression; default 67108864
///   ascii_json          true writes characters outside ASCII as \uXXXX in JSON out; default false
/// client: set to the client, which upscope_client_free frees; NULL on failure.
/// error_json: set to NULL on success, else to an error object to free with upscope_string_free.
///
/// Returns UPSCOPE_OK or UPSCOPE_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_client_new(
    config_json: *const c_char,
    client: *mut *mut upscope_client,
    error_json: *mut *mut c_char,
) -> upscope_status {
    #[cfg(windows)]
    crate::resident::stay();
    // SAFETY: as the caller promises.
    unsafe {
        making(client, error_json, || {
            let made = json_in(config_json, "config_json").and_then(Config::from_json).and_then(Client::new)?;
            client.write(Box::into_raw(Box::new(upscope_client { client: made })));
            Ok(())
        })
    }
}

/// Frees a client. NULL is fine.
///
/// No call of it may be running. Page iterators made from it go on working.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_client_free(client: *mut upscope_client) {
    let _ = guarded(|| {
        if !client.is_null() {
            // SAFETY: it came from `Box::into_raw`, and is freed once.
            drop(unsafe { Box::from_raw(client) });
        }
    });
}
