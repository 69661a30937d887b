//! The operations that the matrix calls: every operation, and `request` with every method.

use std::sync::LazyLock;

use upscope::catalog::{self, Entry};

/// The kinds of operations that the contract's rules distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OperationKind {
    /// GET: it changes nothing.
    Read,
    /// POST, PUT, PATCH.
    Create,
    /// DELETE: it changes something, but repeating it is safe.
    Delete,
}

/// What a response must contain, as far as the bodies of the matrix differ in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedBody {
    /// A member of a certain type.
    Member,
    /// `authorized` and `token`.
    Token,
    /// Anything: an empty body and plain text count as `{}`.
    Anything,
    /// Any JSON: an empty body counts as `{}`.
    Json,
}

#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// The name in the table.
    pub title: &'static str,
    pub name: &'static str,
    /// Without `options`.
    pub request: &'static str,
    pub kind: OperationKind,
    pub expected_body: ExpectedBody,
}

const fn operation(
    name: &'static str,
    request: &'static str,
    kind: OperationKind,
    expected_body: ExpectedBody,
) -> Operation {
    Operation { title: name, name, request, kind, expected_body }
}

const fn request(title: &'static str, request: &'static str, kind: OperationKind) -> Operation {
    Operation { title, name: "request", request, kind, expected_body: ExpectedBody::Json }
}

const GET_VISITOR: Operation =
    operation("get_visitor", r#"{"visitor_id":"v"}"#, OperationKind::Read, ExpectedBody::Member);
const CREATE_WATCH_URL: Operation = operation(
    "create_watch_url",
    r#"{"visitor_id":"v","agent":{"id":"a"}}"#,
    OperationKind::Create,
    ExpectedBody::Member,
);
const STOP_SESSION: Operation =
    operation("stop_session", r#"{"visitor_id":"v"}"#, OperationKind::Delete, ExpectedBody::Anything);

/// One operation of each kind.
pub const ONE_OF_EACH_KIND: &[Operation] = &[GET_VISITOR, CREATE_WATCH_URL, STOP_SESSION];

/// Every operation with its example request, and `request` with every method.
pub static ALL: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let typed = catalog::OPERATIONS.iter().filter(|entry| entry.definition.name != "request");
    let mut all: Vec<Operation> = typed.map(|entry| from_catalog(entry)).collect();
    all.extend([
        request("request GET", r#"{"method":"GET","path":"/new"}"#, OperationKind::Read),
        request("request POST", r#"{"method":"POST","path":"/new","body":{"a":1}}"#, OperationKind::Create),
        request("request POST empty", r#"{"method":"POST","path":"/new"}"#, OperationKind::Create),
        request("request PUT", r#"{"method":"PUT","path":"/new","body":[1]}"#, OperationKind::Create),
        request("request PATCH", r#"{"method":"PATCH","path":"/new","body":null}"#, OperationKind::Create),
        request("request DELETE", r#"{"method":"DELETE","path":"/new","query":{"all":true}}"#, OperationKind::Delete),
    ]);
    all
});

fn from_catalog(entry: &Entry) -> Operation {
    let definition = entry.definition;
    let kind = match definition.method {
        "GET" => OperationKind::Read,
        "DELETE" => OperationKind::Delete,
        _ => OperationKind::Create,
    };
    let expected_body = match definition.expected {
        upscope::operation::ExpectedShape::Token => ExpectedBody::Token,
        upscope::operation::ExpectedShape::Nothing => ExpectedBody::Anything,
        upscope::operation::ExpectedShape::Json => ExpectedBody::Json,
        _ => ExpectedBody::Member,
    };
    // Leaked, because the cases live as long as the test program.
    let request = catalog::example_request(entry, false).to_string().leak();
    operation(definition.name, request, kind, expected_body)
}
