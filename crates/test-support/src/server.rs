//! A server on loopback that answers as it was told to, byte by byte, and keeps what it was asked.

#![allow(dead_code)]

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// No test waits longer than this for the other side.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the server does with one request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Sends these bytes and keeps the connection.
    Bytes(Vec<u8>),
    /// Sends these bytes, then closes the connection.
    BytesThenClose(Vec<u8>),
    /// Sends these bytes, then resets the connection.
    BytesThenReset(Vec<u8>),
    /// Sends these bytes one by one with this pause, until the other side is gone.
    Drip(Vec<u8>, Duration),
    /// Sends these bytes and nothing more, until the other side is gone.
    BytesThenHang(Vec<u8>),
}

impl Answer {
    /// A status with a JSON body.
    pub fn json(status: u16, body: &str) -> Answer {
        Answer::Bytes(response(status, "Content-Type: application/json\r\n", body.as_bytes()))
    }

    /// A status with further header lines (each with its line end) and a body.
    pub fn with_headers(status: u16, headers: &str, body: &str) -> Answer {
        Answer::Bytes(response(status, headers, body.as_bytes()))
    }
}

/// The bytes of a whole answer.
pub fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} Status\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The server. It ends when it is dropped.
pub struct ScriptedServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<Vec<u8>>>,
    connections: AtomicUsize,
    ended: AtomicBool,
}

impl ScriptedServer {
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> ScriptedServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answers: Mutex::new(answers.into_iter().collect()),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        });
        let serving = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.ended.load(Ordering::SeqCst) {
                    return;
                }
                serving.connections.fetch_add(1, Ordering::SeqCst);
                let (serving, stream) = (serving.clone(), stream.unwrap());
                thread::spawn(move || serving.serve(stream));
            }
        });
        ScriptedServer { address, shared }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/v1.3", self.address)
    }

    /// Every request so far, head and body.
    pub fn requests(&self) -> Vec<String> {
        let requests = self.shared.requests.lock().unwrap();
        requests.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        while let Some(request) = read_request(&mut stream) {
            self.requests.lock().unwrap().push(request);
            let answer = self.answers.lock().unwrap().pop_front();
            let answer = answer.unwrap_or_else(|| Answer::json(599, r#"{"error":"unexpected_request"}"#));
            if !perform(&mut stream, answer) {
                return;
            }
        }
    }
}

/// Whether the connection goes on.
fn perform(stream: &mut TcpStream, answer: Answer) -> bool {
    match answer {
        Answer::Bytes(bytes) => stream.write_all(&bytes).is_ok(),
        Answer::BytesThenClose(bytes) => {
            let _ = stream.write_all(&bytes);
            let _ = stream.shutdown(Shutdown::Both);
            false
        }
        Answer::BytesThenReset(bytes) => {
            let _ = stream.write_all(&bytes);
            // Closing with a linger of zero sends a reset.
            let _ = socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO));
            false
        }
        Answer::Drip(bytes, pause) => {
            for byte in bytes {
                if stream.write_all(&[byte]).is_err() {
                    return false;
                }
                // The pause is what is tested; it ends early when the other side goes.
                stream.set_read_timeout(Some(pause)).unwrap();
                if matches!(stream.read(&mut [0]), Ok(0)) {
                    return false;
                }
            }
            false
        }
        Answer::BytesThenHang(bytes) => {
            let _ = stream.write_all(&bytes);
            let _ = stream.read(&mut [0]);
            false
        }
    }
}

/// A request, or None when the other side is done.
fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(head) = request.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if request.len() >= head + 4 + length.unwrap_or(0) {
                return Some(request);
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => request.extend_from_slice(&buffer[..count]),
        }
    }
}
