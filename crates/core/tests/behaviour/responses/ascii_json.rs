//! The option `ascii_json`.

use upscope_test_support::{Response, ScriptedServer};

use super::super::{client, client_with};
use super::GET_VISITOR;

#[test]
fn other_characters_are_escaped_if_ascii_json_is_set() {
    let response = Response::json(200, r#"{"visitor":{"name":"Łukasz 😀"}}"#);
    let server = ScriptedServer::new([response.clone(), response]);
    let ascii = client_with(&server, |config| config.ascii_json(true));
    let text = ascii.call(GET_VISITOR.0, GET_VISITOR.1).unwrap();
    assert_eq!(text, r#"{"visitor":{"name":"\u0141ukasz \ud83d\ude00"}}"#);
    let text = client(&server).call(GET_VISITOR.0, GET_VISITOR.1).unwrap();
    assert_eq!(text, r#"{"visitor":{"name":"Łukasz 😀"}}"#);
}
