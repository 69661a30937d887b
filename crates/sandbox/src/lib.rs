//! A local sandbox of the Upscope co-browsing REST API, for demos and tests.
//!
//! It is an HTTP server on 127.0.0.1 that implements all ten operations with in-memory data. Tests use its control
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
mod request_log;
mod routes;
mod sample_data;
mod server;
mod spelling;
mod store;
mod webhooks;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use app_state::AppState;
use faults::Faults;

/// The options of a sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The port to listen on. 0 selects a free port.
    pub port: u16,
    /// The same seed gives the same visitors, sessions and agents.
    pub seed: u64,
    /// The number of visitors.
    pub visitors: usize,
    /// The number of past sessions.
    pub sessions: usize,
    /// The faults at the start and after each reset: the JSON text that `POST /_sandbox/faults` accepts.
    pub faults: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 0, seed: 1, visitors: 25, sessions: 120, faults: None }
    }
}

/// A running sandbox. Dropping it closes all connections and frees the port.
#[derive(Debug)]
pub struct Sandbox {
    port: u16,
    base_url: String,
    control_url: String,
    stop_sender: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox on a new thread. It accepts requests when this function returns.
    ///
    /// # Errors
    ///
    /// Fails if the port is in use, if the system cannot create a thread or a socket, or if the faults are invalid.
    pub fn start(options: Options) -> io::Result<Self> {
        let faults = match &options.faults {
            None => Faults::default(),
            Some(text) => control::faults::parse(text.as_bytes(), options.seed)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let origin = format!("http://127.0.0.1:{port}");
        let mut app = AppState::new(&options, origin.clone());
        app.set_initial_faults(faults);

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _guard = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop_sender, stop_receiver) = oneshot::channel();
        let thread = std::thread::Builder::new().name("upscope-sandbox".to_owned()).spawn(move || {
            runtime.spawn(server::serve(listener, app));
            // The runtime is then dropped, which ends all tasks and closes their connections.
            let _ = runtime.block_on(stop_receiver);
        })?;
        Ok(Self {
            port,
            base_url: format!("{origin}/{}", routes::API_VERSION),
            control_url: format!("{origin}{}", control::PREFIX),
            stop_sender: Some(stop_sender),
            thread: Some(thread),
        })
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

    /// The port on 127.0.0.1.
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

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop_sender.take());
        if let Some(thread) = self.thread.take() {
            // A panic of that thread must not become a panic of this one.
            let _ = thread.join();
        }
    }
}
