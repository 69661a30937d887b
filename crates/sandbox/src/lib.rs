//! A local sandbox of the Upscope co-browsing REST API, for demos and tests.
//!
//! It is an HTTP server that implements all ten operations with in-memory data. Tests use its control
//! interface to inspect requests, inject faults and advance the clock.
//!
//! ```
//! use upscope_sandbox::{Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options { visitors: 3, ..Options::default() })?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! # Ok::<(), std::io::Error>(())
//! ```

mod app_state;
mod auth;
mod clock;
mod control;
mod deletions;
mod endpoints;
mod faults;
mod http;
mod json;
mod live;
mod pages;
mod public_url;
mod randomness;
mod request_log;
mod routes;
mod sample_data;
mod saved_state;
mod server;
mod spelling;
mod store;
mod webhooks;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use time::OffsetDateTime;
use tokio::sync::oneshot;

use app_state::AppState;
use faults::Faults;
pub use public_url::{InvalidPublicUrl, PublicUrl};
use server::Server;

/// The options of a sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on. 0 selects a free port.
    pub port: u16,
    /// The same seed gives the same visitors, sessions and agents.
    pub seed: u64,
    /// The number of visitors.
    pub visitors: usize,
    /// The number of sessions. One in 40 is under way at the start, if enough visitors are online.
    pub sessions: usize,
    /// The hosts that webhooks may be sent to, besides this computer.
    pub allow_webhooks_to: Vec<String>,
    /// The URL of the sandbox in its links and in [`Sandbox::base_url`], if it is not the address it listens on.
    pub public_url: Option<PublicUrl>,
    /// Stops the clock at this time. Only the control interface moves it.
    pub now: Option<OffsetDateTime>,
    /// The same seed gives the same watch links and tokens.
    pub fixed_links: bool,
    /// The file that the state is read from at the start, if it exists, and written to at the end.
    pub state: Option<PathBuf>,
    /// Visitors come and go by themselves.
    pub live: bool,
    /// The faults at the start and after each reset: the JSON text that `POST /_sandbox/faults` accepts.
    pub faults: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            seed: 1,
            visitors: 25,
            sessions: 120,
            public_url: None,
            now: None,
            fixed_links: false,
            state: None,
            live: false,
            allow_webhooks_to: Vec::new(),
            faults: None,
        }
    }
}

/// A running sandbox. Dropping it closes all connections and frees the port.
#[derive(Debug)]
pub struct Sandbox {
    port: u16,
    base_url: String,
    control_url: String,
    stop_sender: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Sandbox {
    /// Starts a sandbox on a new thread. It accepts requests when this function returns.
    ///
    /// # Errors
    ///
    /// Fails if the port is in use, if the file of the state is not a state, if the faults are invalid, or if the system cannot
    /// create a thread or a socket.
    pub fn start(options: Options) -> io::Result<Self> {
        let faults = match &options.faults {
            None => Faults::default(),
            Some(text) => control::faults::parse(text.as_bytes(), options.seed).map_err(|error| {
                io::Error::new(io::ErrorKind::InvalidInput, format!("the faults are invalid: {error}"))
            })?,
        };
        let address = SocketAddr::new(options.host, options.port);
        let listener = TcpListener::bind(address)
            .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let port = address.port();
        let origin = match &options.public_url {
            Some(url) => url.origin().to_owned(),
            None => format!("http://{}", reachable(address)),
        };
        let app = AppState::start(&options, origin.clone(), faults)?;

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _guard = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop_sender, stop_receiver) = oneshot::channel();
        let thread = std::thread::Builder::new().name("upscope-sandbox".to_owned()).spawn(move || {
            let server = Arc::new(Server::new(app));
            runtime.spawn(server::serve(listener, server.clone()));
            let _ = runtime.block_on(stop_receiver);
            // Ends all tasks and closes their connections, so that nothing changes any more.
            drop(runtime);
            server.save()
        })?;
        Ok(Self {
            port,
            base_url: format!("{origin}/{}", routes::API_VERSION),
            control_url: format!("{origin}{}", control::PREFIX),
            stop_sender: Some(stop_sender),
            thread: Some(thread),
        })
    }

    /// Stops the sandbox.
    ///
    /// # Errors
    ///
    /// Fails if the state cannot be written to its file.
    pub fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        drop(self.stop_sender.take());
        match self.thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(result) => result.unwrap_or_else(|_| Err(io::Error::other("the sandbox has failed"))),
        }
    }

    /// The base URL for clients.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The API key that allows everything.
    pub fn api_key(&self) -> &str {
        auth::VALID_KEY
    }

    /// The URL of the control interface.
    pub fn control_url(&self) -> &str {
        &self.control_url
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The JSON line that the program prints: base URL, API key and control URL.
    pub fn announcement(&self) -> String {
        format!(
            r#"{{"base_url": "{}", "api_key": "{}", "control_url": "{}"}}"#,
            self.base_url,
            self.api_key(),
            self.control_url
        )
    }
}

/// Where a client on this computer reaches a listener: no client can connect to 0.0.0.0 everywhere.
fn reachable(listener: SocketAddr) -> SocketAddr {
    let ip = match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listener.port())
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // `stop` reports errors.
        let _ = self.end();
    }
}
