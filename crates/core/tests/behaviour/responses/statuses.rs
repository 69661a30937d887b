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
fn no_message_advises_what_the_flags_deny() {
    const PATCH: (&str, &str) = ("request", r#"{"method":"PATCH","path":"/x"}"#);
    for status in (300..310).chain(400..452).chain(500..512) {
        for (operation, request) in [READ, CREATE, DELETE, PATCH] {
            let server = ScriptedServer::new([Answer::json(status, "{}")]);
            let error = client(&server).call(operation, request).unwrap_err();
            let advises = ["again", "later", "wait"].iter().any(|word| error.message().contains(word));
            assert!(error.is_retryable() || !advises, "{error:?}");
            let warns = error.message().contains("before you repeat it");
            assert_eq!(warns, error.may_have_applied() && !error.is_retryable(), "{error:?}");
        }
    }
}

#[test]
fn the_services_own_words_are_told() {
    let long = "é".repeat(400);
    for (body, api_message, part) in [
        (
            r#"{"error":"invalid_request","message":"language must be en or de"}"#.to_owned(),
            Some("language must be en or de".to_owned()),
            "status 400 (invalid_request) and the message \"language must be en or de\": ",
        ),
        (r#"{"message":"Forbidden"}"#.to_owned(), Some("Forbidden".to_owned()), "400 and the message \"Forbidden\": "),
        (r#"{"error":{"message":"no"}}"#.to_owned(), Some("no".to_owned()), "400 and the message \"no\": "),
        (r#"{"error":"no","message":"no"}"#.to_owned(), Some("no".to_owned()), "400 (no): "),
        (r#"{"message":"a\nb \u0000 https://x/y"}"#.to_owned(), Some("a b   [hidden]".to_owned()), "a b"),
        (format!(r#"{{"message":"{long}"}}"#), Some(format!("{}…", "é".repeat(300))), "é"),
        (r#"{"error":"no","message":""}"#.to_owned(), None, "400 (no): "),
        (r#"{"error":"no","message":{"a":1}}"#.to_owned(), None, "400 (no): "),
    ] {
        let server = ScriptedServer::new([Answer::json(400, &body)]);
        let error = client(&server).call(CREATE.0, CREATE.1).unwrap_err();
        assert_eq!(error.api_message(), api_message.as_deref(), "{body}");
        assert!(error.message().contains(part), "{error}");
    }
}

#[test]
fn an_error_carries_the_id_of_the_answer() {
    let both = "Request-Id: r_2\r\nX-Request-Id: a964e00a-c685-4d54-98d4-ea0bcb154d57\r\n";
    let cut = "HTTP/1.1 200 OK\r\nX-Request-Id: r_1\r\nContent-Length: 50\r\n\r\n{\"visitor\":";
    let long = format!("X-Request-Id: {}\r\n", "r".repeat(200));
    for (answer, id) in [
        (Answer::with_headers(503, both, "{}"), Some("a964e00a-c685-4d54-98d4-ea0bcb154d57".to_owned())),
        (Answer::with_headers(404, "request-id: r_2\r\nX-Request-Id: \r\n", ""), Some("r_2".to_owned())),
        (Answer::with_headers(200, "X-Request-Id: r_1\r\n", "{}"), Some("r_1".to_owned())),
        (Answer::BytesThenClose(cut.into()), Some("r_1".to_owned())),
        (Answer::with_headers(400, &long, "{}"), Some(format!("{}…", "r".repeat(128)))),
        (Answer::json(404, "{}"), None),
        (Answer::BytesThenClose(Vec::new()), None),
    ] {
        let server = ScriptedServer::new([answer]);
        let error = client(&server).call(READ.0, READ.1).unwrap_err();
        assert_eq!(error.request_id(), id.as_deref(), "{error:?}");
    }
}

#[test]
fn what_is_not_found_is_named() {
    let long = "v".repeat(70);
    for (operation, request, named) in [
        ("get_visitor", r#"{"visitor_id":"a/b é"}"#.to_owned(), Some(r#"(visitor_id "a/b é")"#.to_owned())),
        ("stop_session", format!(r#"{{"visitor_id":"{long}"}}"#), Some(format!("(visitor_id \"{}…\")", &long[..64]))),
        ("lookup_agent", r#"{"external_id":"ext-1"}"#.to_owned(), Some(r#"(external_id "ext-1")"#.to_owned())),
        ("lookup_agent", r#"{"email":"jo@desk.io"}"#.to_owned(), None),
        ("list_sessions", r#"{"after_id":"s_1"}"#.to_owned(), Some(r#"(after_id "s_1")"#.to_owned())),
        (
            "authorize_onpremise_session",
            r#"{"visitor_id":"V\n1","agent":{"id":"1","name":"n"}}"#.to_owned(),
            Some(r#"(visitor_id "V 1")"#.to_owned()),
        ),
        ("request", r#"{"method":"GET","path":"/nope"}"#.to_owned(), Some(r#"(path "/nope")"#.to_owned())),
        ("get_usage", "{}".to_owned(), None),
    ] {
        let server = ScriptedServer::new([Answer::json(404, r#"{"error":"not_found"}"#)]);
        let error = client(&server).call(operation, &request).unwrap_err();
        let message = error.message();
        match named {
            Some(named) => assert!(message.contains(&format!("does not exist {named}; check the id")), "{message}"),
            None => assert!(message.contains("does not exist; check") && !message.contains("desk.io"), "{message}"),
        }
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
