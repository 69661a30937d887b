//! Fuzzes the request of any operation: the first line names the operation, the rest is its JSON.

use upscope_core::fuzzing;

use super::oracle::{operation_and_rest, refused};
use super::wire::Given;

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
            refused(&error);
            return assert_eq!(error.operation(), Some(definition.name));
        }
    };
    let given = Given::new(definition, text);
    let uri = request.uri();
    assert_eq!(request.method().as_str(), given.method());
    assert_eq!(uri.authority().map(|authority| authority.as_str()), Some("127.0.0.1"), "{uri}");
    assert!(uri.to_string().bytes().all(|b| b.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&b)), "{uri}");
    given.check_path(uri.path().strip_prefix("/v1.3").expect("a path below the base URL"));
    given.check_query(uri.query());
    given.check_body(request.body().as_deref());
}
