//! The four measured calls, as in `bench/c/cases.h`.

pub struct Call {
    pub name: &'static str,
    /// The request to libupscope.
    pub request: &'static str,
    pub method: &'static str,
    pub path: &'static str,
    pub body: Option<&'static str>,
    /// Calls in one round, chosen so that each round takes about the same time.
    pub repeats: u32,
}

pub static CASES: &[Call] = &[
    Call { name: "get_usage", request: "{}", method: "GET", path: "/v1.3/usage", body: None, repeats: 200 },
    Call {
        name: "get_visitor",
        request: r#"{"visitor_id":"VISITOR42"}"#,
        method: "GET",
        path: "/v1.3/visitors/VISITOR42",
        body: None,
        repeats: 200,
    },
    Call {
        name: "create_watch_url",
        request: r#"{"visitor_id":"VISITOR42","agent":{"id":"7","name":"Joe Smith"},"branding":{"naked":true},"metadata":{"ticket":4711}}"#,
        method: "POST",
        path: "/v1.3/visitors/VISITOR42/watch_url",
        body: Some(r#"{"agent":{"id":"7","name":"Joe Smith"},"branding":{"naked":true},"metadata":{"ticket":4711}}"#),
        repeats: 200,
    },
    Call {
        name: "list_sessions",
        request: "{}",
        method: "GET",
        path: "/v1.3/cobrowsing_sessions/list",
        body: None,
        repeats: 60,
    },
];
