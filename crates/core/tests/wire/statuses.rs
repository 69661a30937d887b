//! Every status of the service becomes its code, with the truth about retries and changes.

use upscope::ErrorCode;

use super::client;
use super::scripted_server::{Answer, ScriptedServer};

const READ: (&str, &str) = ("get_visitor", r#"{"visitor_id":"v"}"#);
const CREATE: (&str, &str) = ("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#);
const DELETE: (&str, &str) = ("delete_visitor", r#"{"visitor_id":"v"}"#);

#[test]
fn each_status_has_its_code() {
    use ErrorCode::*;
    // status, code, then for a read, a creation and a deletion: (retryable, may have applied)
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
        for ((operation, request), (retryable, may_have_applied)) in [READ, CREATE, DELETE].into_iter().zip(expected) {
            let server = ScriptedServer::new([Answer::with_headers(
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
fn an_error_body_may_be_anything() {
    for (body, api_error) in [
        ("", None),
        ("Not found", None),
        ("<html>nginx</html>", None),
        (r#"{"error":null}"#, None),
        (r#"{"error":{"code":1}}"#, None),
        (r#"{"error":17}"#, Some("17")),
        (r#"{"error":"Too many requests"}"#, Some("Too many requests")),
        ("{\"error\":\"cut", None),
    ] {
        let server = ScriptedServer::new([Answer::json(404, body)]);
        let error = client(&server).call(READ.0, READ.1).unwrap_err();
        assert_eq!((error.code(), error.api_error()), (ErrorCode::NotFound, api_error), "{body}");
    }
}

#[test]
fn a_connection_is_kept_after_an_error() {
    let server = ScriptedServer::new([Answer::json(404, "{}"), Answer::json(200, r#"{"visitor":{}}"#)]);
    let client = client(&server);
    client.call(READ.0, READ.1).unwrap_err();
    client.call(READ.0, READ.1).unwrap();
    assert_eq!(server.connections(), 1);
}
