//! The four calls that are measured, as in `bench/c/four_calls.h`.

pub struct Call {
    pub name: &'static str,
    /// As the library is asked in JSON.
    pub request: &'static str,
    pub method: &'static str,
    pub path: &'static str,
    pub body: Option<&'static str>,
    /// How many in one round: about as much time for each call.
    pub repeats: u32,
}

pub static FOUR_CALLS: &[Call] = &[
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
