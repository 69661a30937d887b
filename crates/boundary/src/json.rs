//! JSON for programs that have no JSON library.

use std::ffi::c_char;

use upscope_core::{Error, json, operation};

use crate::ffi_guard::{ReturnValue, return_json, str_arg};
use crate::status::{UPSCOPE_ABSENT, upscope_status};

/// Reads one value from JSON text, such as a response or an error object.
///
///     char *name;
///     if (upscope_json_get(json, "/visitors/0/name", &name) == UPSCOPE_OK) puts(name);
///     upscope_string_free(name);
///
/// json: JSON text, nested at most 128 levels deep. It is read to its end, so read an element of a long array once, and
/// then the fields of that element.
/// pointer: a JSON pointer (RFC 6901): keys and array indexes, each after a slash. In a key, write ~ as ~0 and / as ~1.
/// "" is the whole text. If an object has a key twice, the last one counts.
/// value: set to a string without quotes and escapes, or to any other value as JSON text; to an error object on
/// failure; to NULL with UPSCOPE_ABSENT. Free it with upscope_string_free. In a string, an unpaired surrogate
/// becomes U+FFFD.
///
/// Returns UPSCOPE_OK; UPSCOPE_ABSENT if there is no such value, or it is null; UPSCOPE_INVALID_ARGUMENT if json is not
/// JSON, if pointer is not a JSON pointer (a slash is missing at its start), or if the string contains U+0000. Any
/// thread may call this function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_json_get(
    json: *const c_char,
    pointer: *const c_char,
    value: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the header requires.
    unsafe {
        return_json(value, || {
            let found = str_arg(json, "json").and_then(|json| json::get(json, str_arg(pointer, "pointer")?));
            match found {
                Ok(Some(text)) => ReturnValue::ok(text),
                Ok(None) => ReturnValue { status: UPSCOPE_ABSENT, json: None },
                Err(error) => ReturnValue::from_error(&error),
            }
        })
    }
}

/// Builds the JSON of a request. A value cannot change the rest of the request, whatever it contains.
///
///     const char *fields[] = {"visitor_id", id, "agent.id", "7", "permissions.allow_click", "false", NULL};
///     char *request;
///     status = upscope_json_build("create_watch_url", fields, &request);
///
/// The definition of the operation gives the type of each value: permissions.allow_click is the boolean false here. A
/// value that does not fit is an error. Where the definition leaves the type open, as in metadata and body, values are
/// strings.
///
/// operation: the "name" of an operation, as in upscope_operations.
/// fields: names and values in turn, then NULL. A dot separates the key of an object from a key in it. In "metadata",
/// "query" and "options.extra_query", the rest of the name is one key, with its dots. In "body" and
/// "options.extra_body", each dot opens an object.
/// request_json: set to the request, or to an error object. Free it with upscope_string_free.
///
/// Returns UPSCOPE_OK, or UPSCOPE_INVALID_ARGUMENT if a name is unknown or occurs twice, if a required key is missing,
/// or if the operation would refuse the request for another reason. Any thread may call this function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_json_build(
    operation: *const c_char,
    fields: *const *const c_char,
    request_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the header requires.
    unsafe {
        return_json(request_json, || {
            let name = str_arg(operation, "operation").and_then(operation::name_of);
            let request = name.and_then(|name| {
                let strings = fields_arg(fields).map_err(|error| error.in_operation(name))?;
                let (pairs, _) = strings.as_chunks();
                json::build(name, pairs.iter().map(|&[name, value]| (name, value)))
            });
            request.into()
        })
    }
}

/// Names and values in turn, up to a null in place of a name.
///
/// # Safety
/// `fields` must be null, or an array that ends with a null. Its strings must be NUL-terminated and unchanged for `'a`.
unsafe fn fields_arg<'a>(fields: *const *const c_char) -> Result<Vec<&'a str>, Error> {
    if fields.is_null() {
        return Err(Error::invalid_argument("fields must not be NULL: the array for no fields is {NULL}."));
    }
    let mut strings = Vec::new();
    loop {
        let index = strings.len();
        // SAFETY: the array ends with a null, and nothing after that is read.
        let string = unsafe { fields.add(index).read() };
        if string.is_null() && index % 2 == 0 {
            return Ok(strings);
        }
        // SAFETY: the caller's promise.
        strings.push(unsafe { str_arg(string, &format!("fields[{index}]")) }?);
    }
}
