//! What is called: every operation, and `request` with every method.

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

pub const ALL: &[Operation] = &[
    GET_VISITOR,
    CREATE_WATCH_URL,
    STOP_SESSION,
    operation("get_usage", "{}", Kind::Read, Promise::Member),
    operation("list_visitors", r#"{"search":"é","max_results":3}"#, Kind::Read, Promise::Member),
    operation("lookup_agent", r#"{"email":"a@example.com"}"#, Kind::Read, Promise::Member),
    operation("list_sessions", r#"{"ongoing_only":true}"#, Kind::Read, Promise::Member),
    operation("delete_visitor", r#"{"visitor_id":"a/b"}"#, Kind::Delete, Promise::Done),
    operation("delete_all_visitors", r#"{"all":true}"#, Kind::Delete, Promise::Done),
    operation(
        "authorize_onpremise_session",
        r#"{"visitor_id":"v","agent":{"id":"a","name":"A"}}"#,
        Kind::Create,
        Promise::Token,
    ),
    request("request GET", r#"{"method":"GET","path":"/new"}"#, Kind::Read),
    request("request POST", r#"{"method":"POST","path":"/new","body":{"a":1}}"#, Kind::Create),
    request("request POST empty", r#"{"method":"POST","path":"/new"}"#, Kind::Create),
    request("request PUT", r#"{"method":"PUT","path":"/new","body":[1]}"#, Kind::Create),
    request("request PATCH", r#"{"method":"PATCH","path":"/new","body":null}"#, Kind::Create),
    request("request DELETE", r#"{"method":"DELETE","path":"/new","query":{"all":true}}"#, Kind::Delete),
];
