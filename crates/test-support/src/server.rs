//! A server on loopback that follows a script.

use std::collections::VecDeque;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

use rustls::ServerConfig;

use crate::{Connection, IO_TIMEOUT, Response};

type AcceptHook = Box<dyn Fn(usize, Connection) -> Option<Connection> + Send + Sync>;

/// Answers each request with the next scripted response, whichever connection the request arrives on, and keeps the
/// requests. It stops when it is dropped.
pub struct ScriptedServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    tls: Option<Arc<ServerConfig>>,
    on_accept: Option<AcceptHook>,
    script: Mutex<Script>,
    requests: Mutex<Vec<Vec<u8>>>,
    connections: AtomicUsize,
    stopped: AtomicBool,
    closed_connections: Mutex<usize>,
    connection_closed: Condvar,
}

#[derive(Default)]
struct Script {
    responses: VecDeque<Response>,
    repeats_last: bool,
}

/// See [`ScriptedServer::builder`].
#[derive(Default)]
pub struct ScriptedServerBuilder {
    tls: Option<Arc<ServerConfig>>,
    on_accept: Option<AcceptHook>,
    script: Script,
}

impl ScriptedServerBuilder {
    /// Uses TLS on every connection.
    pub fn tls(mut self, config: Arc<ServerConfig>) -> ScriptedServerBuilder {
        self.tls = Some(config);
        self
    }

    /// Calls `hook` with the number of each connection, from 0, and the connection before TLS. The script continues on
    /// the connection that the hook returns. If it returns None, the connection ends.
    pub fn on_accept(
        mut self,
        hook: impl Fn(usize, Connection) -> Option<Connection> + Send + Sync + 'static,
    ) -> ScriptedServerBuilder {
        self.on_accept = Some(Box::new(hook));
        self
    }

    /// Adds responses to the script.
    pub fn responses(mut self, responses: impl IntoIterator<Item = Response>) -> ScriptedServerBuilder {
        self.script.responses.extend(responses);
        self
    }

    /// Repeats the last response for all further requests. Without this, they get status 599.
    pub fn repeat_last(mut self) -> ScriptedServerBuilder {
        self.script.repeats_last = true;
        self
    }

    /// Starts the server on a free port.
    pub fn start(self) -> ScriptedServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            tls: self.tls,
            on_accept: self.on_accept,
            script: Mutex::new(self.script),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            closed_connections: Mutex::default(),
            connection_closed: Condvar::new(),
        });
        let server = ScriptedServer { address, shared: shared.clone() };
        thread::spawn(move || {
            for socket in listener.incoming() {
                if shared.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let number = shared.connections.fetch_add(1, Ordering::SeqCst);
                let (shared, socket) = (shared.clone(), socket.unwrap());
                thread::spawn(move || {
                    shared.serve(number, Connection::new(socket));
                    *shared.closed_connections.lock().unwrap() += 1;
                    shared.connection_closed.notify_all();
                });
            }
        });
        server
    }
}

impl ScriptedServer {
    /// Starts a server without TLS that sends these responses in turn, and status 599 for all further requests.
    pub fn new(responses: impl IntoIterator<Item = Response>) -> ScriptedServer {
        ScriptedServer::builder().responses(responses).start()
    }

    /// Starts a server without TLS that sends this response for every request.
    pub fn repeating(response: Response) -> ScriptedServer {
        ScriptedServer::builder().responses([response]).repeat_last().start()
    }

    /// A server with TLS, a hook for connections, or a repeated response.
    pub fn builder() -> ScriptedServerBuilder {
        ScriptedServerBuilder::default()
    }

    /// Replaces the script: every request gets this response from now on.
    pub fn set_response(&self, response: Response) {
        *self.shared.script.lock().unwrap() = Script { responses: VecDeque::from([response]), repeats_last: true };
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of the API on this server.
    pub fn base_url(&self) -> String {
        let scheme = if self.shared.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/v1.3", self.address)
    }

    /// Every request so far, head and body.
    pub fn requests(&self) -> Vec<String> {
        let requests = self.shared.requests.lock().unwrap();
        requests.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    /// The number of connections that were accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until the server has closed a connection.
    pub fn wait_for_closed_connection(&self) {
        let closed = self.shared.closed_connections.lock().unwrap();
        let waited =
            self.shared.connection_closed.wait_timeout_while(closed, IO_TIMEOUT, |closed| *closed == 0).unwrap();
        assert!(!waited.1.timed_out(), "the server closed no connection");
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes up the thread that accepts connections.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(&self, number: usize, connection: Connection) {
        let connection = match &self.on_accept {
            Some(hook) => hook(number, connection),
            None => Some(connection),
        };
        let Some(mut connection) = connection else { return };
        if let Some(config) = &self.tls {
            connection = connection.start_tls(config.clone());
        }
        while let Some(request) = connection.read_request() {
            self.requests.lock().unwrap().push(request);
            let response = self.script.lock().unwrap().next();
            if !connection.respond(&response) {
                return;
            }
        }
    }
}

impl Script {
    fn next(&mut self) -> Response {
        let next = match self.responses.front() {
            Some(last) if self.repeats_last && self.responses.len() == 1 => Some(last.clone()),
            _ => self.responses.pop_front(),
        };
        next.unwrap_or_else(|| Response::json(599, r#"{"error":"unexpected_request"}"#))
    }
}

/// Accepts one connection and runs `serve` on it in a thread. Returns the address to connect to, and the thread.
pub fn serve_one<T: Send + 'static>(
    serve: impl FnOnce(Connection) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || serve(Connection::new(listener.accept().unwrap().0)));
    (address, thread)
}
