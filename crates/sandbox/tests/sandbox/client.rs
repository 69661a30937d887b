//! A minimal HTTP client that adds nothing to requests and shows responses as they were sent.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use upscope_sandbox::Sandbox;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A client with one keep-alive connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    pub key: Option<String>,
}

impl Client {
    pub fn connect(sandbox: &Sandbox) -> Self {
        Self::connect_to_port(sandbox.port()).expect("a listening sandbox")
    }

    pub fn connect_to_port(port: u16) -> io::Result<Self> {
        Self::connect_to((Ipv4Addr::LOCALHOST, port).into())
    }

    pub fn connect_to(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), key: Some("sandbox-key".into()) })
    }

    pub fn with_key(mut self, key: &str) -> Self {
        self.key = Some(key.into());
        self
    }

    pub fn get(&mut self, target: &str) -> Response {
        self.call("GET", target, &[], b"").expect("an response")
    }

    pub fn delete(&mut self, target: &str) -> Response {
        self.call("DELETE", target, &[], b"").expect("an response")
    }

    pub fn post(&mut self, target: &str, body: &Value) -> Response {
        self.try_post(target, body).expect("an response")
    }

    pub fn try_post(&mut self, target: &str, body: &Value) -> io::Result<Response> {
        self.call("POST", target, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    /// The requests in the sandbox's request log.
    pub fn logged_requests(&mut self) -> Vec<Value> {
        let response = self.get("/_sandbox/requests");
        response.json()["requests"].as_array().expect("a list").clone()
    }

    /// Sends a request of the customer's page, without a key.
    pub fn sdk(&mut self, name: &str, body: &Value) -> Response {
        let target = format!("/_sandbox/sdk/{name}");
        self.call("POST", &target, &[], body.to_string().as_bytes()).expect("a response")
    }

    /// Asserts the status of a refused control or page request, and a part of its message.
    pub fn assert_refused(&mut self, target: &str, body: &Value, status: u16, part: &str) {
        let response = self.post(target, body);
        assert_eq!(response.status, status, "{target} {body}: {}", response.text());
        let message = response.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains(part), "{target} {body}: {message}");
    }

    /// The session with this id, as the session list shows it.
    pub fn session(&mut self, id: &str) -> Value {
        let sessions = self.get("/v1.3/cobrowsing_sessions/list?after_id=s_1101").expect_ok();
        let all = sessions["cobrowsing_sessions"].as_array().expect("a list");
        all.iter().find(|session| session["id"] == id).expect("the session").clone()
    }

    /// Adds or changes a visitor, and returns all its attributes.
    pub fn put_visitor(&mut self, visitor: &Value) -> Value {
        self.post("/_sandbox/visitors", visitor).expect_ok()["visitor"].clone()
    }

    /// Advances the sandbox's clock, and returns its new time.
    pub fn advance_clock(&mut self, advance_ms: u64) -> String {
        let response = self.post("/_sandbox/clock", &json!({"advance_ms": advance_ms})).expect_ok();
        response["now"].as_str().expect("a date").to_owned()
    }

    /// Creates a watch link, and returns the path of its page.
    pub fn create_watch_link(&mut self, visitor_id: &str, body: &Value) -> String {
        let link = self.post(&format!("/v1.3/visitors/{visitor_id}/watch_url"), body).expect_ok();
        url_path(&link["watch_url"])
    }

    /// Creates a watch link and starts or joins its session.
    pub fn open_watch_link(&mut self, visitor_id: &str, body: &Value) -> String {
        let path = self.create_watch_link(visitor_id, body);
        self.post_empty(&path).expect_ok();
        path
    }

    pub fn post_empty(&mut self, target: &str) -> Response {
        self.call("POST", target, &[("Content-Length", "0")], b"").expect("a response")
    }

    pub fn set_faults(&mut self, faults: &Value) {
        assert_eq!(self.post("/_sandbox/faults", faults).status, 200);
    }

    pub fn call(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Response> {
        self.send(method, target, headers, body)?;
        self.read_response(method)
    }

    pub fn send(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<()> {
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        if let Some(key) = &self.key {
            head += &format!("X-Api-Key: {key}\r\n");
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        let mut message = head.into_bytes();
        message.extend_from_slice(body);
        self.send_bytes(&message)
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Ends the stream of requests, as a client does that disconnects.
    pub fn shut_down_writing(&mut self) -> io::Result<()> {
        self.stream.get_ref().shutdown(Shutdown::Write)
    }

    pub fn read_response(&mut self, method: &str) -> io::Result<Response> {
        let mut response = self.read_head()?;
        let length = response.header("content-length").map_or(0, |length| length.parse().expect("a length"));
        if response.header("transfer-encoding") == Some("chunked") {
            response.body = self.read_chunks()?;
        } else if method != "HEAD" {
            response.body = self.read_body(length)?;
        }
        Ok(response)
    }

    pub fn read_body(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }

    pub fn read_head(&mut self) -> io::Result<Response> {
        let status_line = self.read_line()?;
        let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut headers = Vec::new();
        loop {
            let line = self.read_line()?;
            match line.split_once(": ") {
                Some((name, value)) => headers.push((name.to_lowercase(), value.to_owned())),
                None => break,
            }
        }
        Ok(Response { status: status.expect("a status"), headers, body: Vec::new() })
    }

    fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(&self.read_line()?, 16).expect("a chunk size");
            body.extend(self.read_body(size)?);
            self.read_line()?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    /// Reads until the connection is closed.
    pub fn read_rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest)?;
        Ok(rest)
    }

    fn read_line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Asserts the status and the documented body of an error. Returns its message.
    pub fn assert_error(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        let body = self.json();
        let message = body["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!(body, json!({"status": "error", "error": code, "message": message}));
        assert!(!message.is_empty());
        message
    }

    /// Asserts status 200 and returns the JSON body.
    pub fn expect_ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }
}

/// Waits until the condition is true. Panics after a timeout.
pub fn wait_until(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !condition() {
        assert!(Instant::now() < deadline, "timed out waiting for the condition");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The path of a URL of the sandbox.
fn url_path(url: &Value) -> String {
    let url = url.as_str().expect("a URL");
    let after_scheme = url.strip_prefix("http://127.0.0.1:").expect("a URL of the sandbox");
    after_scheme[after_scheme.find('/').expect("a path")..].to_owned()
}

/// Percent-encodes a path segment, as clients should.
pub fn encode_segment(id: &str) -> String {
    id.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
