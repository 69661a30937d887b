//! What an error says about the response.

use upscope::ErrorCode;
use upscope_test_support::Response;

use super::super::CREATE;
use super::{GET_VISITOR, error_of};

#[test]
fn the_error_body_may_be_anything() {
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
        let error = error_of(Response::json(404, body), GET_VISITOR);
        assert_eq!((error.code(), error.api_error()), (ErrorCode::NotFound, api_error), "{body}");
    }
}

#[test]
fn the_message_of_the_api_is_included() {
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
        let error = error_of(Response::json(400, &body), CREATE);
        assert_eq!(error.api_message(), api_message.as_deref(), "{body}");
        assert!(error.message().contains(part), "{error}");
    }
}

#[test]
fn the_request_id_is_included() {
    let both = "Request-Id: r_2\r\nX-Request-Id: a964e00a-c685-4d54-98d4-ea0bcb154d57\r\n";
    let truncated = "HTTP/1.1 200 OK\r\nX-Request-Id: r_1\r\nContent-Length: 50\r\n\r\n{\"visitor\":";
    let long = format!("X-Request-Id: {}\r\n", "r".repeat(200));
    for (response, id) in [
        (Response::with_headers(503, both, "{}"), Some("a964e00a-c685-4d54-98d4-ea0bcb154d57".to_owned())),
        (Response::with_headers(404, "request-id: r_2\r\nX-Request-Id: \r\n", ""), Some("r_2".to_owned())),
        (Response::with_headers(200, "X-Request-Id: r_1\r\n", "{}"), Some("r_1".to_owned())),
        (Response::bytes_then_close(truncated), Some("r_1".to_owned())),
        (Response::with_headers(400, &long, "{}"), Some(format!("{}…", "r".repeat(128)))),
        (Response::json(404, "{}"), None),
        (Response::close(), None),
    ] {
        let error = error_of(response, GET_VISITOR);
        assert_eq!(error.request_id(), id.as_deref(), "{error:?}");
    }
}

#[test]
fn the_id_that_was_not_found_is_named() {
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
        let error = error_of(Response::json(404, r#"{"error":"not_found"}"#), (operation, &request));
        let message = error.message();
        match named {
            Some(named) => assert!(message.contains(&format!("does not exist {named}; check the id")), "{message}"),
            None => assert!(message.contains("does not exist; check") && !message.contains("desk.io"), "{message}"),
        }
    }
}
