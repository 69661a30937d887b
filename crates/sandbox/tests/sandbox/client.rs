//! A client that does only what it is told, so that the tests see the wire as it is.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;
use upscope_sandbox::Sandbox;

const PATIENCE: Duration = Duration::from_secs(10);

/// One keep-alive connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    pub key: Option<String>,
}

impl Client {
    pub fn to(sandbox: &Sandbox) -> Self {
        Self::to_port(sandbox.port()).expect("a listening sandbox")
    }

    pub fn to_port(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), key: Some("sandbox-key".into()) })
    }

    pub fn with_key(mut self, key: &str) -> Self {
        self.key = Some(key.into());
        self
    }

    pub fn get(&mut self, target: &str) -> Reply {
        self.call("GET", target, &[], b"").expect("an answer")
    }

    pub fn delete(&mut self, target: &str) -> Reply {
        self.call("DELETE", target, &[], b"").expect("an answer")
    }

    pub fn post(&mut self, target: &str, body: &Value) -> Reply {
        self.try_post(target, body).expect("an answer")
    }

    pub fn try_post(&mut self, target: &str, body: &Value) -> io::Result<Reply> {
        self.call("POST", target, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    /// The latest requests in the journal.
    pub fn journal(&mut self) -> Vec<Value> {
        let reply = self.get("/_sandbox/requests");
        reply.json()["requests"].as_array().expect("a list").clone()
    }

    pub fn faults(&mut self, faults: &Value) {
        assert_eq!(self.post("/_sandbox/faults", faults).status, 200);
    }

    pub fn call(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Reply> {
        self.send(method, target, headers, body)?;
        self.read_reply(method)
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

    pub fn read_reply(&mut self, method: &str) -> io::Result<Reply> {
        let mut reply = self.read_head()?;
        let length = reply.header("content-length").map_or(0, |length| length.parse().expect("a length"));
        if method != "HEAD" {
            reply.body.resize(length, 0);
            self.stream.read_exact(&mut reply.body)?;
        }
        Ok(reply)
    }

    pub fn read_head(&mut self) -> io::Result<Reply> {
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
        Ok(Reply { status: status.expect("a status"), headers, body: Vec::new() })
    }

    /// All that comes until the connection ends.
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
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("{why}: {}", self.text()))
    }

    /// Asserts the documented form of an error.
    pub fn is_error(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.json(), serde_json::json!({"status": "error", "error": code}));
    }

    /// Asserts success and hands the JSON out.
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }
}

/// Waits until it is so, but not for ever.
pub fn eventually(mut is_so: impl FnMut() -> bool) {
    let give_up = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < give_up, "it never came to be");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The path of a URL on this machine.
pub fn path_of(url: &Value) -> String {
    let url = url.as_str().expect("a URL");
    let after_scheme = url.strip_prefix("http://127.0.0.1:").expect("a URL of the sandbox");
    after_scheme[after_scheme.find('/').expect("a path")..].to_owned()
}

/// As a client should encode one segment.
pub fn segment(id: &str) -> String {
    id.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
