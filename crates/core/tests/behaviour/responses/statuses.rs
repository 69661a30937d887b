//! The code and the flags of an error for each status.

use upscope::ErrorCode;
use upscope_test_support::{Response, ScriptedServer};

use super::super::{CREATE, client};
use super::GET_VISITOR;

const DELETE_VISITOR: (&str, &str) = ("delete_visitor", r#"{"visitor_id":"v"}"#);

#[test]
fn each_status_has_its_code() {
    use ErrorCode::*;
    // The status, the code, and (retryable, may have applied) for a read, a create and a delete call.
    let table = [
        (301, HttpError, [(false, false); 3]),
        (400, HttpError, [(false, false); 3]),
        (401, Unauthorized, [(false, false); 3]),
        (402, PaymentRequired, [(false, false); 3]),
        (404, NotFound, [(false, false); 3]),
        (408, HttpError, [(true, false), (false, true), (true, true)]),
        (409, Conflict, [(false, false); 3]),
        (418, HttpError, [(false, false); 3]),
        (429, RateLimited, [(true, false); 3]),
        (500, ServerError, [(true, false), (false, true), (true, true)]),
        (501, ServerError, [(false, false), (false, true), (false, true)]),
        (503, ServerError, [(true, false), (false, true), (true, true)]),
    ];
    for (status, code, expected) in table {
        for ((operation, request), (retryable, may_have_applied)) in
            [GET_VISITOR, CREATE, DELETE_VISITOR].into_iter().zip(expected)
        {
            let server = ScriptedServer::new([Response::with_headers(
                status,
                "Location: http://127.0.0.1:1/elsewhere\r\n",
                r#"{"status":"error","error":"some_code"}"#,
            )]);
            let error = client(&server).call(operation, request).unwrap_err();
            let context = format!("{operation} with {status}: {error:?}");
            assert_eq!(error.code(), code, "{context}");
            assert_eq!(error.http_status(), Some(status), "{context}");
            assert_eq!(error.api_error(), Some("some_code"), "{context}");
            assert_eq!(error.operation(), Some(operation), "{context}");
            assert_eq!(error.attempts(), 1, "{context}");
            assert_eq!(error.is_retryable(), retryable, "{context}");
            assert_eq!(error.may_have_applied(), may_have_applied, "{context}");
            assert_eq!(server.requests().len(), 1, "{context}");
        }
    }
}

#[test]
fn no_message_contradicts_the_flags() {
    const PATCH: (&str, &str) = ("request", r#"{"method":"PATCH","path":"/x"}"#);
    for status in (300..310).chain(400..452).chain(500..512) {
        for (operation, request) in [GET_VISITOR, CREATE, DELETE_VISITOR, PATCH] {
            let server = ScriptedServer::new([Response::json(status, "{}")]);
            let error = client(&server).call(operation, request).unwrap_err();
            let advises = ["again", "later", "wait"].iter().any(|word| error.message().contains(word));
            assert!(error.is_retryable() || !advises, "{error:?}");
            let warns = error.message().contains("before you repeat it");
            assert_eq!(warns, error.may_have_applied() && !error.is_retryable(), "{error:?}");
        }
    }
}
