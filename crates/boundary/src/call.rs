//! Calls of operations: the functions in `operations.rs`, and `upscope_call`.

use std::ffi::c_char;

use crate::client::upscope_client;
use crate::ffi_guard::{ReturnValue, handle_arg, json_arg, return_json, str_arg};
use crate::status::upscope_status;

/// The C function of an operation.
#[cfg(test)]
pub type OperationFunction =
    unsafe extern "C" fn(*const upscope_client, *const c_char, *mut *mut c_char) -> upscope_status;

/// The body of each operation's function.
///
/// # Safety
/// Each pointer must be null or valid.
pub(crate) unsafe fn call(
    client: *const upscope_client,
    operation: &'static str,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: the caller's promise.
    unsafe { return_json(response_json, || dispatch(client, operation, request_json)) }
}

/// Checks the arguments and makes the call. Runs within the panic guard.
///
/// # Safety
/// Each pointer must be null or valid.
unsafe fn dispatch(client: *const upscope_client, operation: &'static str, request_json: *const c_char) -> ReturnValue {
    // SAFETY: the caller's promise.
    let client = match unsafe { handle_arg(client, "client") } {
        Ok(handle) => &handle.client,
        Err(error) => return ReturnValue::from_error(&error.in_operation(operation)),
    };
    // SAFETY: the caller's promise.
    let response = unsafe { json_arg(request_json, "request_json") }
        .map_err(|error| error.in_operation(operation))
        .and_then(|request| client.call(operation, request));
    ReturnValue::from_call(client, response)
}

/// Calls an operation by its name.
///
/// upscope_call(client, "get_usage", ...) is the same as upscope_get_usage(client, ...).
///
/// operation: the "name" of an operation, as in upscope_operations. An unknown name is UPSCOPE_INVALID_ARGUMENT.
/// client, request_json, response_json: as for every operation; see "Calls" at the top of this header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_call(
    client: *const upscope_client,
    operation: *const c_char,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the header requires.
    unsafe {
        return_json(response_json, || {
            let name = str_arg(operation, "operation").and_then(|name| match client.as_ref() {
                Some(handle) => handle.client.find(name).map(|definition| definition.name),
                None => upscope_core::operation::name_of(name),
            });
            match name {
                Ok(name) => dispatch(client, name, request_json),
                Err(error) => ReturnValue::from_error(&error),
            }
        })
    }
}
