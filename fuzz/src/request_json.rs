//! Fuzzes the request of any operation: the first line names the operation, the rest is its JSON.

use upscope_core::fuzzing;

use super::expected_request::ExpectedRequest;
use super::oracle::{invalid_argument, operation_and_rest};

const BASE_URL: &str = "http://127.0.0.1/v1.3";

pub fn run(data: &[u8]) {
    let Some((entry, rest)) = operation_and_rest(data) else {
        return;
    };
    let definition = entry.definition;
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let request = match fuzzing::build_request(definition, text, BASE_URL) {
        Ok(request) => request,
        Err(error) => {
            invalid_argument(&error);
            return assert_eq!(error.operation(), Some(definition.name));
        }
    };
    let expected = ExpectedRequest::new(definition, text);
    let uri = request.uri();
    assert_eq!(request.method().as_str(), expected.method());
    assert_eq!(uri.authority().map(|authority| authority.as_str()), Some("127.0.0.1"), "{uri}");
    assert!(uri.to_string().bytes().all(|b| b.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&b)), "{uri}");
    expected.check_path(uri.path().strip_prefix("/v1.3").expect("a path below the base URL"));
    expected.check_query(uri.query());
    expected.check_body(request.body().as_deref());
}
