//! What the server does after a request: a list of steps.

use std::io::Write;
use std::time::Duration;

/// One step of a response.
#[derive(Clone, Debug)]
pub enum Step {
    /// Writes bytes.
    Write(Vec<u8>),
    /// Writes bytes one at a time and pauses after each one, until the client closes the connection.
    WriteSlowly(Vec<u8>, Duration),
    /// Ends the connection in order: close_notify if it uses TLS, then FIN.
    Close,
    /// Ends the TCP connection with FIN but without close_notify.
    CloseWithoutNotify,
    /// Resets the TCP connection.
    Reset,
    /// Sends nothing more and keeps the connection open until the client closes it.
    Hang,
}

/// What the server does after it has read a request. The connection stays open unless a step ends it.
#[derive(Clone, Debug)]
pub struct Response(pub Vec<Step>);

impl Response {
    /// A status with a JSON body.
    pub fn json(status: u16, body: &str) -> Response {
        Response::with_headers(status, "Content-Type: application/json\r\n", body)
    }

    /// A status with header lines, each with its line end, and a body.
    pub fn with_headers(status: u16, headers: &str, body: &str) -> Response {
        Response::bytes(http_response(status, headers, body.as_bytes()))
    }

    /// These bytes. The connection stays open.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Response {
        Response(vec![Step::Write(bytes.into())])
    }

    /// These bytes, then [`Step::Close`].
    pub fn bytes_then_close(bytes: impl Into<Vec<u8>>) -> Response {
        Response(vec![Step::Write(bytes.into()), Step::Close])
    }

    /// These bytes, then [`Step::CloseWithoutNotify`].
    pub fn bytes_then_close_without_notify(bytes: impl Into<Vec<u8>>) -> Response {
        Response(vec![Step::Write(bytes.into()), Step::CloseWithoutNotify])
    }

    /// These bytes, then [`Step::Reset`].
    pub fn bytes_then_reset(bytes: impl Into<Vec<u8>>) -> Response {
        Response(vec![Step::Write(bytes.into()), Step::Reset])
    }

    /// These bytes, then [`Step::Hang`].
    pub fn bytes_then_hang(bytes: impl Into<Vec<u8>>) -> Response {
        Response(vec![Step::Write(bytes.into()), Step::Hang])
    }

    /// These bytes one at a time, with this pause after each one; then [`Step::Close`].
    pub fn slow_bytes(bytes: impl Into<Vec<u8>>, pause: Duration) -> Response {
        Response(vec![Step::WriteSlowly(bytes.into(), pause), Step::Close])
    }

    /// [`Step::Close`] without a byte.
    pub fn close() -> Response {
        Response(vec![Step::Close])
    }

    /// [`Step::Reset`] without a byte.
    pub fn reset() -> Response {
        Response(vec![Step::Reset])
    }

    /// [`Step::Hang`] without a byte.
    pub fn hang() -> Response {
        Response(vec![Step::Hang])
    }
}

/// The bytes of a complete response with a Content-Length. `headers` are lines, each with its line end.
pub fn http_response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} Status\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The bytes, compressed.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
