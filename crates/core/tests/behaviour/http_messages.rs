//! Good responses to `get_usage` in several framings.

pub const BODY: &str = r#"{"usage":{"agents":{}}}"#;

/// The body in two chunks, and then `end`.
pub fn chunked(end: &str) -> String {
    let (first, second) = BODY.split_at(9);
    format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9;x=y\r\n{first}\r\n{:X}\r\n{second}\r\n{end}",
        second.len()
    )
}

/// The body with a Content-Length. `headers` are lines, each with its line end.
pub fn with_length(status_line: &str, headers: &str) -> String {
    format!("{status_line}\r\n{headers}Content-Length: {}\r\n\r\n{BODY}", BODY.len())
}

/// The body until the end of the connection.
pub fn until_close() -> String {
    format!("HTTP/1.1 200 OK\r\n\r\n{BODY}")
}
