//! A server on loopback that does to each request what the script says next; the last step again and again.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// No test waits longer than this for the other side.
const PATIENCE: Duration = Duration::from_secs(10);

/// What happens to one request.
#[derive(Clone, Debug)]
pub enum Act {
    /// These bytes, and the connection stays.
    Send(Vec<u8>),
    /// Then FIN, within TLS after close_notify.
    SendThenClose(Vec<u8>),
    /// Then FIN, within TLS without close_notify.
    SendThenAbandon(Vec<u8>),
    SendThenReset(Vec<u8>),
    /// These bytes, and nothing more.
    SendThenHang(Vec<u8>),
    /// The first bytes at once, then the others one by one with this pause.
    Drip(Vec<u8>, Vec<u8>, Duration),
}

pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    tls: Option<Arc<ServerConfig>>,
    /// What happens before a request is read, if anything.
    at_accept: Option<Act>,
    script: Vec<Act>,
    requests: AtomicUsize,
    over: AtomicBool,
    ended: Mutex<usize>,
    one_ended: Condvar,
}

impl Server {
    pub fn start(tls: Option<Arc<ServerConfig>>, at_accept: Option<Act>, script: Vec<Act>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            tls,
            at_accept,
            script,
            requests: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            ended: Mutex::default(),
            one_ended: Condvar::new(),
        });
        let serving = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.over.load(Ordering::SeqCst) {
                    return;
                }
                let (serving, stream) = (serving.clone(), stream.unwrap());
                thread::spawn(move || {
                    serving.serve(stream);
                    *serving.ended.lock().unwrap() += 1;
                    serving.one_ended.notify_all();
                });
            }
        });
        Server { address, shared }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Until the first connection has been closed from this side.
    pub fn wait_until_closed(&self) {
        let ended = self.shared.ended.lock().unwrap();
        let waited = self.shared.one_ended.wait_timeout_while(ended, PATIENCE, |ended| *ended == 0).unwrap();
        assert!(!waited.1.timed_out());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        match &self.tls {
            None => self.serve_over(stream),
            Some(config) => self.serve_over(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream)),
        }
    }

    fn serve_over(&self, mut stream: impl Stream) {
        if let Some(act) = &self.at_accept {
            // What the client says first is taken in, or closing would be a reset.
            let _ = stream.read(&mut [0; 4096]);
            perform(&mut stream, act);
            return;
        }
        while read_request(&mut stream) {
            let number = self.requests.fetch_add(1, Ordering::SeqCst);
            let act = &self.script[number.min(self.script.len() - 1)];
            if !perform(&mut stream, act) {
                return;
            }
        }
    }
}

/// A TCP connection, or TLS over one.
trait Stream: Read + Write {
    fn socket(&self) -> &TcpStream;

    /// Says that nothing more follows, where there is a way to say it.
    fn close_notify(&mut self) {}
}

impl Stream for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Stream for StreamOwned<ServerConnection, TcpStream> {
    fn socket(&self) -> &TcpStream {
        &self.sock
    }

    fn close_notify(&mut self) {
        self.conn.send_close_notify();
        let _ = self.flush();
    }
}

/// Whether the connection goes on.
fn perform(stream: &mut impl Stream, act: &Act) -> bool {
    match act {
        Act::Send(bytes) => stream.write_all(bytes).is_ok(),
        Act::SendThenClose(bytes) => {
            let _ = stream.write_all(bytes);
            stream.close_notify();
            let _ = stream.socket().shutdown(Shutdown::Both);
            false
        }
        Act::SendThenAbandon(bytes) => {
            let _ = stream.write_all(bytes);
            let _ = stream.socket().shutdown(Shutdown::Both);
            false
        }
        Act::SendThenReset(bytes) => {
            let _ = stream.write_all(bytes);
            // Closing with a linger of zero sends a reset.
            let _ = socket2::SockRef::from(stream.socket()).set_linger(Some(Duration::ZERO));
            false
        }
        Act::SendThenHang(bytes) => {
            let _ = stream.write_all(bytes);
            let _ = stream.read(&mut [0]);
            false
        }
        Act::Drip(first, bytes, pause) => {
            let _ = stream.write_all(first);
            for byte in bytes {
                // The pause is what is tested; it ends early when the other side goes.
                stream.socket().set_read_timeout(Some(*pause)).unwrap();
                if stream.write_all(&[*byte]).is_err() || matches!(stream.read(&mut [0]), Ok(0)) {
                    return false;
                }
            }
            false
        }
    }
}

/// Whether a whole request came.
fn read_request(stream: &mut impl Stream) -> bool {
    let mut request = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(head) = request.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if request.len() >= head + 4 + length.unwrap_or(0) {
                return true;
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return false,
            Ok(count) => request.extend_from_slice(&buffer[..count]),
        }
    }
}
