//! A blocking socket that sends a prepared request and reads up to Content-Length.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use crate::cases::{CASES, Call};

pub struct RawSocket {
    stream: TcpStream,
    requests: HashMap<&'static str, String>,
    response: Vec<u8>,
}

impl RawSocket {
    pub fn new(port: u16) -> RawSocket {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let requests = CASES.iter().map(|call| (call.name, request(call, port))).collect();
        RawSocket { stream, requests, response: vec![0; 128 * 1024] }
    }

    pub fn call(&mut self, call: &Call) {
        self.stream.write_all(self.requests[call.name].as_bytes()).expect("sending");
        let (mut have, mut total) = (0, None);
        while total.is_none_or(|total| have < total) {
            let count = self.stream.read(&mut self.response[have..]).expect("a response");
            assert!(count > 0, "the response is truncated");
            have += count;
            total = total.or_else(|| length_of(&self.response[..have]));
        }
    }
}

fn request(call: &Call, port: u16) -> String {
    let body = call.body.unwrap_or("");
    let length = match call.body {
        Some(_) => format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()),
        None => String::new(),
    };
    format!(
        "{} {} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Api-Key: bench-key\r\nAccept: application/json\r\n{length}\r\n{body}",
        call.method, call.path
    )
}

/// The length of the whole response, once its headers are complete.
fn length_of(response: &[u8]) -> Option<usize> {
    let end = response.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&response[..end]).expect("a head in ASCII");
    assert!(head.starts_with("HTTP/1.1 200 "), "unexpected response");
    let (_, after) = head.split_once("Content-Length: ").expect("a length");
    let length: usize = after.lines().next().and_then(|digits| digits.parse().ok()).expect("a length");
    Some(end + 4 + length)
}
