//! One connection of a server.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::{IO_TIMEOUT, Response, Step};

/// One accepted connection, plain or with TLS. Reading and writing go through TLS if the connection uses it.
pub struct Connection(Stream);

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Connection {
    pub(crate) fn new(socket: TcpStream) -> Connection {
        socket.set_read_timeout(Some(IO_TIMEOUT)).unwrap();
        socket.set_write_timeout(Some(IO_TIMEOUT)).unwrap();
        socket.set_nodelay(true).unwrap();
        Connection(Stream::Plain(socket))
    }

    /// Speaks TLS from here on. The handshake runs with the first read or write.
    pub fn start_tls(self, config: Arc<ServerConfig>) -> Connection {
        let Stream::Plain(socket) = self.0 else { panic!("the connection already uses TLS") };
        let tls = ServerConnection::new(config).unwrap();
        Connection(Stream::Tls(Box::new(StreamOwned::new(tls, socket))))
    }

    /// The TCP connection below TLS.
    pub fn socket(&self) -> &TcpStream {
        match &self.0 {
            Stream::Plain(socket) => socket,
            Stream::Tls(stream) => &stream.sock,
        }
    }

    /// Reads one HTTP request, head and body. None if the client closes the connection before the request is complete.
    pub fn read_request(&mut self) -> Option<Vec<u8>> {
        let mut request = Vec::new();
        let mut buffer = [0; 16 * 1024];
        loop {
            if let Some(head) = request.windows(4).position(|window| window == b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
                let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
                if request.len() >= head + 4 + length.unwrap_or(0) {
                    return Some(request);
                }
            }
            match self.read(&mut buffer) {
                Ok(0) | Err(_) => return None,
                Ok(count) => request.extend_from_slice(&buffer[..count]),
            }
        }
    }

    /// Performs the steps of a response. Returns whether the connection stays open.
    pub fn respond(&mut self, response: &Response) -> bool {
        response.0.iter().all(|step| self.perform(step))
    }

    fn perform(&mut self, step: &Step) -> bool {
        match step {
            Step::Write(bytes) => self.write_all(bytes).is_ok(),
            Step::WriteSlowly(bytes, pause) => self.write_slowly(bytes, *pause),
            Step::Close => {
                if let Stream::Tls(stream) = &mut self.0 {
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                }
                let _ = self.socket().shutdown(Shutdown::Both);
                false
            }
            Step::CloseWithoutNotify => {
                let _ = self.socket().shutdown(Shutdown::Both);
                false
            }
            Step::Reset => {
                // Closing a socket with a linger time of zero sends a reset.
                let _ = socket2::SockRef::from(self.socket()).set_linger(Some(Duration::ZERO));
                false
            }
            Step::Hang => {
                let _ = self.read(&mut [0]);
                false
            }
        }
    }

    fn write_slowly(&mut self, bytes: &[u8], pause: Duration) -> bool {
        // A read with a timeout is a pause that ends early when the client closes the connection.
        self.socket().set_read_timeout(Some(pause)).unwrap();
        let all_written =
            bytes.iter().all(|byte| self.write_all(&[*byte]).is_ok() && !matches!(self.read(&mut [0]), Ok(0)));
        self.socket().set_read_timeout(Some(IO_TIMEOUT)).unwrap();
        all_written
    }

    /// Ignores all further bytes until the client closes the TCP connection.
    pub fn wait_for_close(&self) {
        let _ = io::copy(&mut self.socket(), &mut io::sink());
    }

    /// Connects to `target` and copies bytes in both directions until either side closes its connection.
    pub fn tunnel_to(self, target: SocketAddr) {
        let Stream::Plain(client) = self.0 else { panic!("a tunnel needs a plain connection") };
        client.set_read_timeout(None).unwrap();
        client.set_write_timeout(None).unwrap();
        let server = TcpStream::connect(target).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let _ = io::copy(&mut &client, &mut &server);
                let _ = server.shutdown(Shutdown::Both);
            });
            let _ = io::copy(&mut &server, &mut &client);
            let _ = client.shutdown(Shutdown::Both);
        });
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Stream::Plain(socket) => socket.read(buffer),
            Stream::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Stream::Plain(socket) => socket.write(bytes),
            Stream::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Stream::Plain(socket) => socket.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}
