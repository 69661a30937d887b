//! Calls of operations: what the functions of `operations.rs` and `upscope_call` do.

use std::ffi::c_char;

use crate::client::upscope_client;
use crate::ffi_guard::{Outcome, handle_in, json_in, return_json, text_in};
use crate::status::upscope_status;

/// The function of one operation, as C sees it.
#[cfg(test)]
pub type OperationFunction =
    unsafe extern "C" fn(*const upscope_client, *const c_char, *mut *mut c_char) -> upscope_status;

/// The function of one operation.
///
/// # Safety
/// The pointers are NULL or valid.
pub(crate) unsafe fn call(
    client: *const upscope_client,
    operation: &'static str,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises, for each of the three.
    unsafe { return_json(response_json, || dispatch(client, operation, request_json)) }
}

/// Every call goes through here, behind the wall.
///
/// # Safety
/// The pointers are NULL or valid.
unsafe fn dispatch(client: *const upscope_client, operation: &'static str, request_json: *const c_char) -> Outcome {
    // SAFETY: as the caller promises.
    let client = match unsafe { handle_in(client, "client") } {
        Ok(handle) => &handle.client,
        Err(error) => return Outcome::failed(&error.in_operation(operation)),
    };
    // SAFETY: as the caller promises.
    let answer = unsafe { json_in(request_json, "request_json") }
        .map_err(|error| error.in_operation(operation))
        .and_then(|request| client.call(operation, request));
    Outcome::from_call(client, answer)
}

/// Calls the operation of this name: upscope_call(client, "get_usage", ...) is upscope_get_usage(client, ...).
///
/// operation: a "name" from upscope_operations.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_call(
    client: *const upscope_client,
    operation: *const c_char,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises, for each of the four.
    unsafe {
        return_json(response_json, || {
            let name = text_in(operation, "operation").and_then(|name| match client.as_ref() {
                Some(handle) => handle.client.find(name).map(|definition| definition.name),
                None => upscope_core::operation::name_of(name),
            });
            match name {
                Ok(name) => dispatch(client, name, request_json),
                Err(error) => Outcome::failed(&error),
            }
        })
    }
}
