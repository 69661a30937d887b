//! Writes a request to a connection.

use ureq::Error;
use ureq::http::header::CONTENT_LENGTH;
use ureq::http::{HeaderName, HeaderValue, Request};
use ureq::unversioned::transport::Transport;

use crate::error::invalid_state;
use crate::no_timeout;

/// Writes head and body of the request in as few parts as the output buffer of the connection allows.
#[inline(never)]
pub(crate) fn write(connection: &mut dyn Transport, request: &Request<()>, body: &[u8]) -> Result<(), Error> {
    if !is_content_length_valid(request, body.len()) {
        return Err(invalid_state());
    }
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let request_line = [request.method().as_str(), " ", target, " HTTP/1.1\r\n"].map(str::as_bytes);
    let headers = request.headers().iter().flat_map(header_line);
    let parts = request_line.into_iter().chain(headers).chain([&b"\r\n"[..], body]);

    let mut output = connection.buffers().output();
    let mut used = 0;
    for mut part in parts {
        while !part.is_empty() {
            if used == output.len() {
                if used == 0 {
                    return Err(invalid_state());
                }
                connection.transmit_output(used, no_timeout())?;
                output = connection.buffers().output();
                used = 0;
            }
            let (first, rest) = part.split_at(part.len().min(output.len() - used));
            output[used..used + first.len()].copy_from_slice(first);
            used += first.len();
            part = rest;
        }
    }
    connection.transmit_output(used, no_timeout())
}

fn header_line<'r>((name, value): (&'r HeaderName, &'r HeaderValue)) -> [&'r [u8]; 4] {
    [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]
}

/// Whether `Content-Length` is `body_length`. It may be missing if there is no body.
fn is_content_length_valid(request: &Request<()>, body_length: usize) -> bool {
    match request.headers().get(CONTENT_LENGTH) {
        Some(value) => value.to_str().is_ok_and(|value| value.parse() == Ok(body_length)),
        None => body_length == 0,
    }
}
