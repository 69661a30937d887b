//! A local imitation of the Upscope co-browsing REST API, for demos and tests.
//!
//! It answers all ten operations from a state of its own over real HTTP on 127.0.0.1, and has a control interface
//! with which a test looks at what arrived, breaks answers, and moves the clock.
//!
//! ```
//! use upscope_sandbox::{Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options { visitors: 3, ..Options::default() })?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! # Ok::<(), std::io::Error>(())
//! ```

mod answer;
mod auth;
mod authority;
mod clock;
mod control;
mod control_access;
mod endpoints;
mod faults;
mod fields;
mod journal;
mod json_memory;
mod request_targets;
mod routes;
mod search;
mod seed;
mod server;
mod state;
mod target;
mod webhook;
mod wire;
mod world;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use world::World;

/// What a sandbox starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The port to listen on; 0 for any that is free.
    pub port: u16,
    /// The same seed gives the same visitors, sessions and agents.
    pub seed: u64,
    /// How many visitors there are.
    pub visitors: usize,
    /// How many sessions they have had.
    pub sessions: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 0, seed: 1, visitors: 25, sessions: 120 }
    }
}

/// A running sandbox. Dropping it closes every connection and frees the port.
#[derive(Debug)]
pub struct Sandbox {
    port: u16,
    base_url: String,
    control_url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox on a thread of its own; it takes requests when this returns.
    ///
    /// # Errors
    ///
    /// When the port is taken, or the system has no thread or socket to give.
    pub fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let origin = format!("http://127.0.0.1:{port}");
        let world = World::new(&options, origin.clone());

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("upscope-sandbox".to_owned()).spawn(move || {
            runtime.spawn(server::serve(listener, world));
            // Dropping the runtime afterwards ends every task, and with it every connection.
            let _ = runtime.block_on(stopped);
        })?;
        Ok(Self {
            port,
            base_url: format!("{origin}/{}", routes::API_VERSION),
            control_url: format!("{origin}{}", control::PREFIX),
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// What a client takes for its base URL.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The key that works.
    pub fn api_key(&self) -> &str {
        auth::WORKING_KEY
    }

    /// Where the control interface is.
    pub fn control_url(&self) -> &str {
        &self.control_url
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The line of JSON by which the program tells its caller where it is.
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
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic over there is no reason for one here.
            let _ = thread.join();
        }
    }
}
