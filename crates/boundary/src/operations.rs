//! One function per operation. What each takes and answers is defined in the core.

use std::ffi::c_char;

use crate::client::upscope_client;
use crate::status::upscope_status;
use crate::wall::{Outcome, answering, handle_in, json_in, text_in};

/// The function of one operation.
///
/// # Safety
/// The pointers are NULL or valid.
unsafe fn call(
    client: *const upscope_client,
    operation: &'static str,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises, for each of the three.
    unsafe { answering(response_json, || called(client, operation, request_json)) }
}

/// Every call goes through here, behind the wall.
///
/// # Safety
/// The pointers are NULL or valid.
unsafe fn called(client: *const upscope_client, operation: &'static str, request_json: *const c_char) -> Outcome {
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

/// Retrieves the account's usage statistics: GET /usage.
///
/// Request: no keys. Answer: {"usage": {...}, ...}.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_get_usage(
    client: *const upscope_client,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { call(client, "get_usage", request_json, response_json) }
}

/// Searches for visitors, or lists the latest ones: GET /list.
///
/// Request: "search" (free text, an e-mail address, "online", "-online", "ip:...", "id:...", a four-digit lookup
/// code, "#tag", "integration_id:..."), "max_results" (1 to 10; 1 is fastest). Answer: {"visitors": [...], ...}.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_list_visitors(
    client: *const upscope_client,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { call(client, "list_visitors", request_json, response_json) }
}

/// Retrieves one visitor: GET /visitors/{visitor_id}.
///
/// Request: "visitor_id" (required, the short id). Answer: {"visitor": {...}, ...}.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_get_visitor(
    client: *const upscope_client,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { call(client, "get_visitor", request_json, response_json) }
}

/// Makes a secure link with which an agent starts a co-browsing session: POST /visitors/{visitor_id}/watch_url.
///
/// Who holds the link sees the screen: open it at once, and store it nowhere.
///
/// Request: "visitor_id" (required), "agent" (required: {"id", "name"}, the name optional), "branding" {"naked":
/// true, false or "page_only", "on_end_url", "retry_url"}, "initial_notes", "metadata" (flat: strings, numbers,
/// booleans), "permissions" {"allow_agent_redirect", "allow_audio", "allow_click", "allow_confetti",
/// "allow_console", "allow_draw", "allow_notes", "allow_request_visitor_screen", "allow_scroll",
/// "allow_show_agent_screen", "allow_type", "hide_private_details": booleans}, "language", "viewer" {"id", "name"},
/// "webhook_url". Answer: {"watch_url": "...", "expiration": "...", ...}.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_create_watch_url(
    client: *const upscope_client,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { call(client, "create_watch_url", request_json, response_json) }
}

/// Stops the visitor's active session: DELETE /visitors/{visitor_id}/session.
///
/// Request: "visitor_id" (required). Answer: a JSON object, {} when the service sends none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_stop_session(
    client: *const upscope_client,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { call(client, "stop_session", request_json, response_json) }
}

/// Deletes one visitor who is not online: DELETE /visitors/{visitor_id}.
///
/// Request: "visitor_id" (required). Answer: a JSON object, {} when the service sends none. A visitor who is online
/// gives UPSCOPE_CONFLICT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_delete_visitor(
    client: *const upscope_client,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { call(client, "delete_visitor", request_json, response_json) }
}

/// Deletes every visitor of the account who is not online: DELETE /visitors?all=true.
///
/// Request: "all" (required: true, to confirm). Answer: a JSON object, {} when the service sends none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_delete_all_visitors(
    client: *const upscope_client,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { call(client, "delete_all_visitors", request_json, response_json) }
}

/// Looks up an agent: GET /agents/lookup.
///
/// Request: exactly one of "email" (a user of the account) and "external_id" (the id your own system gave the agent
/// when it made a watch link). Answer: {"agent": {...}, ...}.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_lookup_agent(
    client: *const upscope_client,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { call(client, "lookup_agent", request_json, response_json) }
}

/// Lists one page of sessions, from first to last: GET /cobrowsing_sessions/list.
///
/// Request: "before_id", "after_id", "ongoing_only" (boolean), "updated_after" (RFC 3339 with an offset). Answer:
/// {"cobrowsing_sessions": [...], "has_more": ..., "last_id": ..., ...}. upscope_sessions_open walks through all pages.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_list_sessions(
    client: *const upscope_client,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { call(client, "list_sessions", request_json, response_json) }
}

/// Authorizes a session on an on-premise server: POST /onpremise/token.
///
/// Request: "visitor_id" (required), "agent" (required: {"id", "name"}). Answer: {"authorized": true or false,
/// "token": "...", ...}; treat the token as a password.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_authorize_onpremise_session(
    client: *const upscope_client,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { call(client, "authorize_onpremise_session", request_json, response_json) }
}

/// Sends any request below the base URL, for what this library does not know yet.
///
/// Request: "method" (required: "GET", "POST", "PUT", "PATCH" or "DELETE"), "path" (required, such as "/usage"),
/// "query" (a flat object), "body" (any JSON). Answer: the service's JSON, {} when it sends none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_request(
    client: *const upscope_client,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: as the caller promises.
    unsafe { call(client, "request", request_json, response_json) }
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
        answering(response_json, || {
            let name = text_in(operation, "operation").and_then(|name| match client.as_ref() {
                Some(handle) => handle.client.find(name).map(|definition| definition.name),
                None => upscope_core::operation::name_of(name),
            });
            match name {
                Ok(name) => called(client, name, request_json),
                Err(error) => Outcome::failed(&error),
            }
        })
    }
}
