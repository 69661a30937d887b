//! A server that gives every request the same reply, and ends each connection with it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Reply {
    pub response: Vec<u8>,
    pub end: End,
    /// It is written in two parts.
    pub split: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Fin,
    Reset,
}

impl Reply {
    pub fn new(response: Vec<u8>, end: End) -> Reply {
        Reply { response, end, split: 0 }
    }
}

pub struct Server {
    pub address: SocketAddr,
    reply: Arc<Mutex<Option<Reply>>>,
}

impl Server {
    pub fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let reply = Arc::new(Mutex::new(None));
        let serving = reply.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let reply: Option<Reply> = serving.lock().unwrap().clone();
                match reply {
                    // A connection without a request is no reason to stop.
                    Some(reply) => drop(serve(stream.unwrap(), &reply)),
                    None => return,
                }
            }
        });
        Server { address, reply }
    }

    pub fn set_reply(&self, reply: &Reply) {
        *self.reply.lock().unwrap() = Some(reply.clone());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *self.reply.lock().unwrap() = None;
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: TcpStream, reply: &Reply) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_nodelay(true)?;
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => request.extend_from_slice(&buffer[..count]),
        }
    }
    let (first, second) = reply.response.split_at(reply.split);
    stream.write_all(first)?;
    stream.write_all(second)?;
    match reply.end {
        End::Fin => stream.shutdown(Shutdown::Both),
        // Closing with a linger of zero sends a reset.
        End::Reset => socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)),
    }
}
