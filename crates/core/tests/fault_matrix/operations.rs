//! What is called: every operation, and `request` with every method.

use std::sync::LazyLock;

use upscope::catalog::{self, Entry};

/// What the contract's rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// GET: repeating it does no harm, and it changes nothing.
    Read,
    /// POST, PUT, PATCH.
    Create,
    /// DELETE: it changes something, and a second time does no more.
    Delete,
}

/// What an answer must hold, as far as the bodies of the matrix differ in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// A member of a certain type.
    Member,
    /// `authorized`, and a token with it.
    Token,
    /// Any 2xx; empty and plain text count as `{}`.
    Done,
    /// Any JSON; empty counts as `{}`.
    Json,
}

#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// As it stands in the table.
    pub name: &'static str,
    pub called: &'static str,
    /// Without `options`.
    pub request: &'static str,
    pub kind: Kind,
    pub promise: Promise,
}

const fn operation(name: &'static str, request: &'static str, kind: Kind, promise: Promise) -> Operation {
    Operation { name, called: name, request, kind, promise }
}

const fn request(name: &'static str, request: &'static str, kind: Kind) -> Operation {
    Operation { name, called: "request", request, kind, promise: Promise::Json }
}

const GET_VISITOR: Operation = operation("get_visitor", r#"{"visitor_id":"v"}"#, Kind::Read, Promise::Member);
const CREATE_WATCH_URL: Operation =
    operation("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#, Kind::Create, Promise::Member);
const STOP_SESSION: Operation = operation("stop_session", r#"{"visitor_id":"v"}"#, Kind::Delete, Promise::Done);

/// One of each kind.
pub const KINDS: &[Operation] = &[GET_VISITOR, CREATE_WATCH_URL, STOP_SESSION];

/// Every operation with its example request, and `request` with every method.
pub static ALL: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let typed = catalog::OPERATIONS.iter().filter(|entry| entry.definition.name != "request");
    let mut all: Vec<Operation> = typed.map(|entry| of_catalog(entry)).collect();
    all.extend([
        request("request GET", r#"{"method":"GET","path":"/new"}"#, Kind::Read),
        request("request POST", r#"{"method":"POST","path":"/new","body":{"a":1}}"#, Kind::Create),
        request("request POST empty", r#"{"method":"POST","path":"/new"}"#, Kind::Create),
        request("request PUT", r#"{"method":"PUT","path":"/new","body":[1]}"#, Kind::Create),
        request("request PATCH", r#"{"method":"PATCH","path":"/new","body":null}"#, Kind::Create),
        request("request DELETE", r#"{"method":"DELETE","path":"/new","query":{"all":true}}"#, Kind::Delete),
    ]);
    all
});

fn of_catalog(entry: &Entry) -> Operation {
    let definition = entry.definition;
    let kind = match definition.method {
        "GET" => Kind::Read,
        "DELETE" => Kind::Delete,
        _ => Kind::Create,
    };
    let promise = match definition.expected {
        upscope::operation::ExpectedShape::Token => Promise::Token,
        upscope::operation::ExpectedShape::Nothing => Promise::Done,
        upscope::operation::ExpectedShape::Json => Promise::Json,
        _ => Promise::Member,
    };
    // For the whole run of the tests.
    let request = catalog::example_request(entry, false).to_string().leak();
    operation(definition.name, request, kind, promise)
}
